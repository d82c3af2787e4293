import Basics
import Model
import Testing

@testable import Engine

@Suite("Redirections")
struct CompiledRedirectTests {
    private func location(_ redirect: Redirect, path: String, host: String = "h") -> String? {
        var buffer = Buffer(capacity: 1024)
        let compiled = CompiledRedirect(redirect)
        var target: [UInt8] = []
        if case .text(let bytes) = redirect.target.parts.first { target = bytes }
        target.withView { target in
            path.withView { path in
                host.withView { host in
                    _ = buffer.write { compiled.write(target, path: path, host: host, to: &$0) }
                }
            }
        }
        let text = buffer.view.string.split(separator: "\r\n").first { $0.hasPrefix("Location: ") }
        return text.map { String($0.dropFirst(10)) }
    }

    @Test(
        "locations are made as HAProxy makes them",
        arguments: [
            (.location, "/x", false, false, "/a?b", "/x"), (.location, "/x", true, true, "/a?b", "/x"),
            (.prefix, "/p", false, false, "/a?b", "/p/a?b"), (.prefix, "/", false, false, "/a?b", "/a?b"),
            (.prefix, "http://o", true, false, "/a?b", "http://o/a"),
            (.prefix, "http://o", true, true, "/a?b", "http://o/a/"),
            (.prefix, "http://o", true, true, "/a/?b", "http://o/a/"),
            (.prefix, "http://o", false, true, "/a?b", "http://o/a?b/"),
            (.scheme, "https", false, false, "/a?b", "https://h/a?b"),
            (.scheme, "https", true, false, "/?", "https://h/"),
            (.scheme, "https", false, false, "*", "https://h/"),
            (.scheme, "https", false, true, "", "https://h/"),
        ] as [(Redirect.Kind, String, Bool, Bool, String, String)])
    func locations(
        kind: Redirect.Kind, target: String, drops: Bool, appends: Bool, path: String, expected: String
    ) {
        var redirect = Redirect(kind, to: target)
        (redirect.dropsQuery, redirect.appendsSlash) = (drops, appends)
        #expect(location(redirect, path: path) == expected)
    }
}
