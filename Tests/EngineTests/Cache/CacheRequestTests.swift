import Basics
import Testing

@testable import Engine

@Suite("Requests and the cache")
struct CacheRequestTests {
    private func request(_ lines: [String]) -> CacheRequest {
        var request = CacheRequest(readsVariant: true)
        for (name, value) in lines.map(split) {
            name.withView { name in value.withView { request.see(name, $0) } }
        }
        return request
    }

    private func split(_ line: String) -> (String, String) {
        let parts = line.split(separator: ":", maxSplits: 1)
        return (String(parts[0]), String(parts[1].drop { $0 == " " }))
    }

    @Test(
        "some requests want the server itself",
        arguments: [
            ["Cache-Control: no-cache"], ["cache-control: NO-CACHE"], ["Cache-Control: max-age=0"],
            ["Cache-Control: max-age=100"], ["Cache-Control: max-stale"], ["Cache-Control: min-fresh=1"],
            ["Cache-Control: x, no-cache"], ["Cache-Control: x", "Cache-Control: max-age=5"],
            ["Pragma: no-cache"], ["Authorization: Basic eA=="], ["Pragma: No-Cache", "Accept: */*"],
        ])
    func server(lines: [String]) { #expect(!request(lines).mayBeAnswered) }

    @Test(
        "others may be answered",
        arguments: [
            [], ["Cache-Control: no-store"], ["Cache-Control: only-if-cached"], ["Pragma: x"],
            ["Pragma: no-cache", "Cache-Control: x"], ["Cookie: a=b"], ["Range: bytes=0-1"],
            ["Proxy-Authorization: x"], ["If-None-Match: \"x\""],
        ])
    func cache(lines: [String]) { #expect(request(lines).mayBeAnswered) }

    @Test("what it forbids, brings and asks is noted")
    func noted() {
        #expect(request(["Cache-Control: no-store"]).forbidsStoring)
        #expect(!request(["Cache-Control: no-cache"]).forbidsStoring)
        #expect(request(["Authorization: x"]).hasAuthorization)
        #expect(request(["If-None-Match: x"]).isConditional)
        #expect(request(["If-Modified-Since: x"]).isConditional)
        #expect(!request(["If-Match: x"]).isConditional)
    }

    private func codings(_ lines: [String]) -> KnownCodings? {
        request(lines.map { "Accept-Encoding: \($0)" }).variant.codings
    }

    @Test(
        "what is accepted is a set",
        arguments: [
            ([], .all), (["gzip"], [.gzip, .identity]), (["gzip, br"], [.gzip, .brotli, .identity]),
            (["gzip", "br"], [.gzip, .brotli, .identity]), (["gzip;q=0.5, br;q=0"], [.gzip, .identity]),
            (["identity;q=0, gzip"], [.gzip]), (["X-GZIP"], [.gzip, .identity]), (["foo"], [.identity]),
            (["*;q=0"], [.identity]), (["gzip;q=0.000"], [.identity]),
            (["zstd , deflate"], [.zstd, .deflate, .identity]),
        ] as [([String], KnownCodings)])
    func accepted(lines: [String], expected: KnownCodings) { #expect(codings(lines) == expected) }

    @Test(
        "a star accepts all but what is refused, an empty line nothing, and who names too much is not believed"
    )
    func star() {
        #expect(codings(["*, br;q=0"]) == KnownCodings.all.subtracting(.brotli))
        var request = CacheRequest(readsVariant: true)
        "accept-encoding".withView { name in request.see(name, .empty) }
        #expect(request.variant.codings == .identity)
        #expect(codings([Array(repeating: "a", count: 15).joined(separator: ",")]) != nil)
        #expect(codings([Array(repeating: "a", count: 16).joined(separator: ",")]) == nil)
    }

    @Test("requests are told apart by the fields an answer varies by, and by no others")
    func variants() {
        let one = request(["Referer: a", "Origin: b"]).variant
        let other = request(["Referer: a", "Origin: c"]).variant
        let none = request([]).variant
        let byReferer = one.variant(.referer, codings: [])
        #expect(byReferer.serves(one) && byReferer.serves(other) && !byReferer.serves(none))
        let byOrigin = one.variant([.origin, .referer], codings: [])
        #expect(byOrigin.serves(one) && !byOrigin.serves(other))
        #expect(none.variant(.origin, codings: []).serves(none))
        #expect(one.variant([], codings: []).serves(none))
        // Two lines are not one of them.
        #expect(request(["Referer: a", "Referer: a"]).variant.referer != one.referer)
    }

    @Test("an answer is for those who accept all its codings")
    func codingsServe() {
        let none = request([]).variant
        let gzip = request(["Accept-Encoding: gzip"]).variant
        let both = request(["Accept-Encoding: gzip, br"]).variant
        let answer = gzip.variant(.acceptEncoding, codings: .gzip)
        #expect(answer.serves(gzip) && answer.serves(both) && answer.serves(none))
        #expect(!answer.serves(request(["Accept-Encoding: br"]).variant))
        #expect(!gzip.variant(.acceptEncoding, codings: [.gzip, .brotli]).serves(gzip))
        #expect(
            !gzip.variant(.acceptEncoding, codings: .identity).serves(
                request(["Accept-Encoding: gzip, identity;q=0"]).variant))
    }
}
