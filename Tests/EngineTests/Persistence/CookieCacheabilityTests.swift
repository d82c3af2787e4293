import Basics
import Testing

@testable import Engine

@Suite("ResponseCacheability")
struct CookieCacheabilityTests {
    private func isCacheable(_ fields: [String], safe: Bool = true, status: UInt16 = 200) -> Bool {
        var answer = ResponseCacheability(isSafeMethod: safe, status: status)
        for field in fields {
            let parts = field.split(separator: ":", maxSplits: 1)
            String(parts[0]).withView { name in String(parts[1].dropFirst()).withView { answer.see(name, $0) }
            }
        }
        return answer.isCacheable
    }

    @Test(
        "a cache could keep it",
        arguments: [
            ["ETag: \"a\""], ["Last-Modified: x"], ["Expires: x"], ["Cache-Control: max-age=5"],
            ["cache-control: public, S-MaxAge=5"], ["ETag: x", "Cache-Control: no-cache=\"set-cookie\""],
            ["Cache-Control: max-age=0, s-maxage=5"], ["ETag: x", "Pragma: x"],
            ["ETag: x", "Cache-Control: privates"],
            ["ETag: x", "Cache-Control: private, public"],
        ])
    func cacheable(fields: [String]) { #expect(isCacheable(fields)) }

    @Test(
        "no cache could keep it",
        arguments: [
            [], ["Content-Type: x"], ["ETag: x", "Cache-Control: private"],
            ["ETag: x", "Cache-Control: No-Cache"],
            ["ETag: x", "Cache-Control: max-age=5, no-store"], ["ETag: x", "Cache-Control: private=\"a\""],
            ["ETag: x", "Cache-Control: max-age=0"], ["ETag: x", "Cache-Control: s-maxage=0"],
            ["ETag: x", "Pragma: no-cache"], ["Cache-Control: public, private", "ETag: x"],
            ["Cache-Control: public"],
        ])
    func notCacheable(fields: [String]) { #expect(!isCacheable(fields)) }

    @Test("status and method decide, unless the answer says it is public")
    func statusAndMethod() {
        for status in [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501] as [UInt16] {
            #expect(isCacheable(["ETag: x"], status: status))
        }
        for status in [201, 302, 307, 400, 500, 503] as [UInt16] {
            #expect(!isCacheable(["ETag: x"], status: status))
            #expect(isCacheable(["ETag: x", "Cache-Control: public"], status: status))
        }
        #expect(!isCacheable(["ETag: x", "Cache-Control: public"], status: 103))
        #expect(!isCacheable(["ETag: x"], safe: false))
        #expect(isCacheable(["ETag: x", "Cache-Control: public"], safe: false))
    }
}
