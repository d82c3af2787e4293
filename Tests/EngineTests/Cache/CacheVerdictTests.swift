import Basics
import Testing

@testable import Engine

@Suite("Answers and the cache")
struct CacheVerdictTests {
    /// At second 1,000 of 1970.
    private func kept(_ lines: [String], for request: [String] = [], vary: Bool = false) -> CacheVerdict.Kept?
    {
        var asked = CacheRequest(readsVariant: vary)
        see(request) { asked.see($0, $1) }
        let text = lines.joined(separator: "\n")
        return text.withView { all in
            var verdict = CacheVerdict()
            var at = 0
            for line in lines {
                let end = at + line.utf8.count
                let colon = all.firstIndex(of: UInt8(ascii: ":"), from: at) ?? at
                verdict.see(all[at..<colon], all[colon + 1..<end].trimmed)
                at = end + 1
            }
            return verdict.kept(
                for: asked, CacheVerdict.Terms(maxAge: 60, processesVary: vary), now: 1_000)
        }
    }

    private func see(_ lines: [String], _ body: (ByteView, ByteView) -> Void) {
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1).map { String($0) }
            parts[0].withView { name in parts[1].withView { body(name, $0.trimmed) } }
        }
    }

    @Test(
        "answers are kept as long as they say, and no longer than is wanted",
        arguments: [
            (["Cache-Control: max-age=10"], 10), (["Cache-Control: max-age=100"], 60),
            (["Cache-Control: max-age=100, s-maxage=5"], 5), (["Cache-Control: public, max-age=7"], 7),
            (["Cache-Control: max-age=0, s-maxage=5"], 5), (["cache-control: MAX-AGE=10"], 10),
            (["ETag: \"x\""], 60), (["Last-Modified: Thu, 01 Jan 1970 00:00:10 GMT"], 60),
            (["ETag: \"x\"", "Cache-Control: must-revalidate"], 60),
            (["Expires: Thu, 01 Jan 1970 00:17:00 GMT"], 20),
            (["Expires: Thu, 01 Jan 1970 00:17:00 GMT", "Cache-Control: max-age=3"], 3),
            (["Cache-Control: max-age=10", "Age: 4"], 6), (["Cache-Control: max-age=1000", "Age: 900"], 60),
            (["Cache-Control: max-age=\"7\""], 7), (["Cache-Control: max-age=9", "Age: 0"], 9),
            (["Cache-Control: max-age=99999999999999999999"], 60), (["Cache-Control: max-age = 8"], 8),
            (["Cache-Control: max-age=5", "Cache-Control: max-age=5"], 5),
            (["Set-Cookie: a=b", "Cache-Control: max-age=5"], 5), (["ETag: \"x\"", "Age: 0"], 60),
            (["Cache-Control: max-age=5", "Last-Modified: x"], 5),
        ] as [([String], Int64)])
    func lifetimes(lines: [String], expected: Int64) { #expect(kept(lines)?.lifetime == expected) }

    @Test(
        "a decision is good as long as is wanted, and shorter where it says so itself",
        arguments: [
            ([], 60_000), (["Cache-Control: public"], 60_000), (["Cache-Control: max-age=10"], 10_000),
            (["Cache-Control: max-age=100"], 60_000), (["Cache-Control: max-age=100, s-maxage=5"], 5_000),
            (["Cache-Control: max-age=10", "Age: 4"], 6_000), (["Age: 4"], 60_000),
            (["Expires: Thu, 01 Jan 1970 00:17:00 GMT"], 20_000), (["Expires: 0"], nil),
            (["Cache-Control: no-store"], nil), (["Cache-Control: private, max-age=9"], nil),
            (["Cache-Control: no-cache"], nil), (["Cache-Control: max-age=0"], nil), (["Vary: Accept"], nil),
            (["Pragma: no-cache"], nil), (["Cache-Control: max-age=x"], nil),
            (["Cache-Control: max-age=1", "Cache-Control: max-age=2"], nil),
        ] as [([String], Int64?)])
    func decisions(lines: [String], expected: Int64?) {
        var verdict = CacheVerdict()
        see(lines) { verdict.see($0, $1) }
        #expect(verdict.lifetimeOfDecision(most: 60_000, now: 1_000) == expected)
    }

    @Test(
        "what is private, old or says nothing is not kept",
        arguments: [
            [], ["Cache-Control: public"], ["Cache-Control: max-age=0"], ["Cache-Control: s-maxage=0"],
            ["Cache-Control: max-age=0", "ETag: \"x\""], ["Cache-Control: max-age=10, s-maxage=0"],
            ["Expires: 0"], ["Expires: Thu, 01 Jan 1970 00:16:40 GMT"], ["Expires: 0", "ETag: \"x\""],
            ["Cache-Control: max-age=10", "Age: 10"],
            ["Cache-Control: max-age=10", "Age: 99999999999999999999"],
            ["ETag: \"x\"", "Age: 1"], ["ETag: \"x\"", "Cache-Control: private"],
            ["Cache-Control: max-age=10, No-Store"], ["Cache-Control: no-cache, max-age=10"],
            ["Cache-Control: max-age=10, private=\"x\""],
            ["Cache-Control: no-cache=\"set-cookie\", max-age=10"],
            ["Cache-Control: max-age=10", "Pragma: no-cache"], ["Cache-Control: private, public, max-age=10"],
        ])
    func refused(lines: [String]) { #expect(kept(lines) == nil) }

    @Test(
        "what is contradictory or can not be read is not kept",
        arguments: [
            ["Cache-Control: max-age=x"], ["Cache-Control: max-age"], ["Cache-Control: max-age=-1"],
            ["Cache-Control: max-age=1.5"], ["Cache-Control: max-age=5, max-age=6"],
            ["Cache-Control: max-age=\"\""],
            ["Cache-Control: max-age=5", "Cache-Control: max-age=50"],
            ["Cache-Control: max-age=5x, s-maxage=3"],
            ["Cache-Control: s-maxage=5, s-maxage=6"], ["Cache-Control: max-age=10", "Age: -1"],
            ["Cache-Control: max-age=10", "Age: x"], ["Cache-Control: max-age=10", "Age: 1", "Age: 2"],
            ["Cache-Control: max-age=10", "ETag: \"a\"", "ETag: \"b\""],
            ["Expires: Thu, 01 Jan 1970 00:17:00 GMT", "Expires: Thu, 01 Jan 1970 00:18:00 GMT"],
        ])
    func contradictory(lines: [String]) { #expect(kept(lines) == nil) }

    @Test("requests forbid it, and credentials unless the answer is public")
    func requests() {
        let fresh = ["Cache-Control: max-age=10"]
        #expect(kept(fresh, for: ["Cache-Control: no-store"]) == nil)
        #expect(kept(["Cache-Control: public, max-age=10"], for: ["Cache-Control: no-store"]) == nil)
        #expect(kept(fresh, for: ["Authorization: x"]) == nil)
        #expect(kept(["Cache-Control: public, max-age=10"], for: ["Authorization: x"]) != nil)
        #expect(kept(fresh, for: ["Cache-Control: no-cache"]) != nil)
    }

    @Test("its age and the date of its last change are known")
    func facts() {
        let dated = kept([
            "Cache-Control: max-age=30", "Age: 7", "Date: Thu, 01 Jan 1970 00:00:50 GMT",
            "Last-Modified: Thu, 01 Jan 1970 00:00:10 GMT",
        ])
        #expect(dated?.age == 7 && dated?.modified == 10)
        #expect(kept(["ETag: \"x\"", "Date: Thu, 01 Jan 1970 00:00:50 GMT"])?.modified == 50)
        #expect(kept(["ETag: \"x\"", "Last-Modified: x"])?.modified == 1_000)
    }

    @Test(
        "what varies is not kept, whatever by, where that is not wanted",
        arguments: ["Accept-Encoding", "*", "Cookie", "Origin"])
    func notVarying(name: String) { #expect(kept(["Cache-Control: max-age=10", "Vary: \(name)"]) == nil) }

    @Test(
        "where it is, what varies by known fields is kept",
        arguments: [
            ("Accept-Encoding", true), ("referer, ORIGIN", true), ("Accept-Encoding, Cookie", false),
            ("*", false),
            ("Accept-Encoding, *", false),
        ])
    func varying(names: String, isKept: Bool) {
        #expect((kept(["Cache-Control: max-age=10", "Vary: \(names)"], vary: true) != nil) == isKept)
    }

    @Test("the codings of an answer are told apart where it varies by them, and unknown ones are not kept")
    func codings() {
        let lines = ["Cache-Control: max-age=10", "Vary: Accept-Encoding"]
        #expect(kept(lines, vary: true)?.variant.codings == .identity)
        #expect(
            kept(lines + ["Content-Encoding: gzip, br"], vary: true)?.variant.codings == [.gzip, .brotli])
        #expect(kept(lines + ["Content-Encoding: foo"], vary: true) == nil)
        #expect(kept(["Cache-Control: max-age=10", "Content-Encoding: foo"], vary: true) != nil)
        let many = "Accept-Encoding: " + Array(repeating: "a", count: 16).joined(separator: ",")
        #expect(kept(lines, for: [many], vary: true) == nil)
    }

    @Test("an answer that leaves no room for fields of ours is not kept")
    func full() {
        let more = (0..<119).map { "x-\($0): y" }
        #expect(kept(["Cache-Control: max-age=10"] + more) != nil)
        #expect(kept(["Cache-Control: max-age=10", "a: b"] + more) == nil)
    }

    @Test("no value traps")
    func spoilt() {
        var numbers = SystemRandomNumberGenerator()
        let alphabet = Array("max-age=s\",; 0129pubicrvteno*WGMT:-".utf8)
        let names = [
            "age", "etag", "date", "vary", "pragma", "expires", "cache-control", "last-modified",
            "content-encoding", "authorization", "accept-encoding", "if-none-match",
        ]
        for _ in 0..<5_000 {
            let value = (0..<Int.random(in: 0...40, using: &numbers)).map { _ in
                alphabet.randomElement(using: &numbers) ?? 0
            }
            let name = names.randomElement(using: &numbers) ?? ""
            var request = CacheRequest(readsVariant: true)
            let kept = name.withView { name in
                value.withView { value in
                    var verdict = CacheVerdict()
                    var condition = CacheCondition(tag: value, modified: 0)
                    verdict.see(name, value)
                    request.see(name, value)
                    condition.see(name, value)
                    _ = condition.isFulfilled
                    return verdict.kept(
                        for: request, CacheVerdict.Terms(maxAge: 60, processesVary: true), now: 1_000)
                }
            }
            #expect(kept.map { (1...60).contains($0.lifetime) } ?? true)
        }
    }
}
