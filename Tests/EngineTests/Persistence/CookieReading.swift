import Basics
import Model

@testable import Engine

/// A persistence cookie and servers `s1` and `s2`, of which some may be down; what becomes of a request and an answer.
struct CookieReading {
    let cookie: CookiePersistence
    var state = CookieState()
    /// The server the cookie chose.
    var chosen: String?
    var down: Set<String> = []
    var keepsDown = false

    init(_ mode: CookieMode?, _ change: (inout PersistenceCookie) -> Void = { _ in }) {
        var settings = PersistenceCookie(name: "SRV", mode: mode)
        change(&settings)
        cookie = CookiePersistence(settings)
    }

    /// Reads `Cookie` lines.
    mutating func read(_ lines: String..., now: Int64 = 1_795_247_637) {
        let (down, keepsDown) = (down, keepsDown)
        var found: String?
        for line in lines {
            line.withView { line in
                cookie.read(line, now: now, state: &state) { value in
                    let name = value.string
                    guard ["s1", "s2"].contains(name) else { return .unknown }
                    if down.contains(name), !keepsDown { return .down }
                    found = name
                    return down.contains(name) ? .downButKept : .up
                }
            }
        }
        chosen = found
    }

    /// What the server gets of a line; nil if the line is left out.
    func forwarded(_ line: String) -> String? {
        var output = Buffer(capacity: 256)
        output.append("before ")
        let result = line.withView { cookie.forward($0, to: &output) }
        return text(result, line, output)
    }

    /// What the client gets of a `Set-Cookie` line; nil if the line is left out.
    mutating func answered(_ line: String, serverValue: String = "s1") -> String? {
        var output = Buffer(capacity: 256)
        output.append("before ")
        let result = line.withView { line in
            serverValue.withView {
                cookie.forward(setCookie: line, serverValue: $0, state: &state, to: &output)
            }
        }
        return text(result, line, output)
    }

    private func text(_ result: CookieLine, _ line: String, _ output: borrowing Buffer) -> String? {
        let written = String(output.view.string.dropFirst("before ".count))
        switch result {
        case .rewritten: return written
        case .unchanged: return written.isEmpty ? line : "\(written) was written"
        case .dropped: return written.isEmpty ? nil : "\(written) was written"
        case .full: return "full"
        }
    }

    /// What is added to the answer; empty if nothing is.
    mutating func added(
        serverValue: String = "s1", isPost: Bool = false, isCacheable: Bool = false, overTLS: Bool = false,
        now: Int64 = 1_795_247_637
    ) -> String {
        guard cookie.inserts(state, isPost: isPost, now: now) else { return "" }
        var output = Buffer(capacity: 1_024)
        serverValue.withView { value in
            _ = output.write { head in
                cookie.write(
                    serverValue: value, isCacheable: isCacheable, overTLS: overTLS, now: now, state: &state,
                    to: &head)
            }
        }
        return output.view.string
    }
}
