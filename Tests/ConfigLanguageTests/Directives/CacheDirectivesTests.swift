import Model
import Testing

@testable import ConfigLanguage

@Suite("Caches of the configuration language")
struct CacheDirectivesTests {
    private static let uses = " http-request cache-use c\n http-response cache-store c\n"
    private static let section = "cache c\n total-max-size 4\n"

    private func use(_ text: String) -> CacheUse? {
        let text = read(text)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        return text.configuration.backends[BackendName("b")]?.cache
    }

    private func told(_ text: String) -> [String] {
        read(text).diagnostics.filter { $0.reason != "NoTimeout" && $0.reason != "NoBind" }.map(\.message)
    }

    @Test("a section and the backend that uses it")
    func whole() {
        let use = use(
            """
            backend b
             mode http
            \(Self.uses)cache c
             total-max-size 4
             max-object-size 5000
             max-age 30
             process-vary on
             max-secondary-entries 3
            """)
        var cache = Cache(name: "c", totalSize: 4 << 20)
        cache.maxObjectSize = 5_000
        cache.maxAge = 30
        cache.processesVary = true
        cache.maxSecondaryEntries = 3
        #expect(use == CacheUse(cache))
    }

    @Test("defaults are HAProxy's")
    func defaults() {
        #expect(
            use("backend b\n mode http\n\(Self.uses)\(Self.section)")
                == CacheUse(Cache(name: "c", totalSize: 4 << 20)))
    }

    @Test("nothing is kept where nothing is stored, or in mode tcp")
    func without() {
        #expect(use("backend b\n mode http\n http-request cache-use c\n\(Self.section)")?.stores == false)
        #expect(use("backend b\n mode tcp\n\(Self.uses)\(Self.section)") == nil)
        #expect(use("backend b\n mode http\n\(Self.section)") == nil)
    }

    @Test(
        "a frontend speaks for its default backend, alone or with it",
        arguments: [(Self.uses, ""), (" http-request cache-use c\n", " http-response cache-store c\n")])
    func frontends(front: String, back: String) {
        let text =
            "frontend f\n mode http\n bind :1\n default_backend b\n\(front)backend b\n mode http\n\(back)\(Self.section)"
        #expect(use(text)?.stores == true)
    }

    @Test("conditions say which requests and answers; lines beside each other are alternatives")
    func conditions() {
        let one = use(
            "backend b\n mode http\n acl a path_beg /a\n http-request cache-use c if a\n"
                + " http-request cache-use c unless METH_GET\n http-response cache-store c if { status 200 }\n\(Self.section)"
        )
        #expect(one?.lookUpConditions.count == 2 && one?.lookUpConditions.last?.isNegated == true)
        #expect(one?.storeConditions.count == 1)
        // What holds always needs no other.
        let lines = [" http-request cache-use c if TRUE\n", " http-request cache-use c\n"]
        for lines in [lines, lines.reversed()] {
            let use = use(
                "backend b\n mode http\n\(lines.joined()) http-response cache-store c\n\(Self.section)")
            #expect(use?.looksUp == true && use?.lookUpConditions.isEmpty == true)
        }
    }

    @Test("filters may be said, in the order in which they work")
    func filters() {
        let both = " filter cache c\n filter compression\n compression algo gzip\n"
        #expect(use("backend b\n mode http\n\(both)\(Self.uses)\(Self.section)") != nil)
        #expect(
            told("backend b\n mode http\n filter compression\n filter cache c\n\(Self.section)") == [
                "'filter cache': what is kept is not compressed: 'filter compression' stands behind it"
            ])
        #expect(
            told("backend b\n mode http\n filter spoe x\n").first?.contains("not here yet") == true)
    }

    @Test(
        "what is wrong is told",
        arguments: [
            ("cache c\n", "cache c has no 'total-max-size'"),
            (
                "cache c\n total-max-size 1\n max-object-size 524289\n",
                "at most half of 'total-max-size', 524288"
            ),
            ("cache c\n total-max-size 5000\n", "expected megabytes, 1 to 4095"),
            ("cache c\n total-max-size x\n", "expected megabytes, 1 to 4095"),
            ("cache c\n total-max-size 4\n process-vary perhaps\n", "expected one of on, off"),
            ("cache c\n total-max-size 4\n max-secondary-entries 0\n", "expected a number above 0"),
            ("cache c\n total-max-size 4\n max-agee 1\n", "did you mean 'max-age'?"),
            ("cache c\n total-max-size 4 5\n", "unexpected '5'"),
            ("cache c\n total-max-size 4\n early-hints on\n", "not here yet"),
            ("cache\n", "a name is missing"),
            ("\(Self.section)\(Self.section)", "is the name of the cache of"),
            ("backend b\n mode http\n http-request cache-use cc\n\(Self.section)", "did you mean 'c'?"),
            ("backend b\n mode http\n filter cache d\n\(Self.section)", "no cache is called 'd'"),
            ("backend b\n http-request cache-use\n", "the name of a cache is missing"),
            ("backend b\n http-request cache-use if TRUE\n", "the name of a cache is missing"),
            (
                "backend b\n mode http\n http-request cache-use c if { status 200 }\n\(Self.section)",
                "'http-request cache-use' of backend b needs an answer"
            ),
            (
                "backend b\n mode http\n http-request cache-use c\n http-response cache-store c if { path /a }\n\(Self.section)",
                "'http-response cache-store' of backend b needs a request"
            ),
            ("backend b\n http-request cache-use c when TRUE\n\(Self.section)", "unexpected 'when'"),
            ("backend b\n http-request cache-use c if nosuch\n\(Self.section)", "no ACL is called 'nosuch'"),
            ("backend b\n http-request cache-use c\n http-request cache-use d\n\(Self.section)", "one cache"),
            (
                "backend b\n mode http\n http-request cache-use c\n http-response cache-store d\n\(Self.section)cache d\n total-max-size 1\n",
                "one cache for both"
            ),
            ("backend b\n mode http\n http-response cache-store c\n\(Self.section)", "keeps nothing without"),
            ("defaults\n http-request cache-use c\n", "can not stand in 'defaults'"),
        ])
    func wrong(text: String, sentence: String) {
        #expect(told(text).contains { $0.contains(sentence) }, "\(told(text))")
    }
}
