import Testing
import Wire

@testable import Engine

@Suite("Peers: who is who")
struct PeerHandshakeTests {
    private func called(_ lines: String...) -> PeerHandshake.Step {
        var handshake = PeerHandshake(calledAs: "b", known: ["a", "c"])
        var step = PeerHandshake.Step.wait
        for line in lines where step == .wait { step = handshake.read(line) }
        return step
    }

    @Test("a caller that is known is agreed with")
    func agreed() {
        #expect(called("HAProxyS 2.1", "b", "a 42 1") == .agreed(with: "a", minorVersion: 1))
        #expect(called("HAProxyS 2.0", "b", "c 42 1") == .agreed(with: "c", minorVersion: 0))
        #expect(called("HAProxyS 2.1", "b") == .wait)
    }

    @Test("everybody else is told why not")
    func refused() {
        #expect(called("SSH-2.0") == .refuse(.protocolError))
        #expect(called("HAProxyS 2.7") == .refuse(.badVersion))
        #expect(called("HAProxyS 2.1", "x") == .refuse(.localMismatch))
        #expect(called("HAProxyS 2.1", "b", "x 42 1") == .refuse(.remoteMismatch))
        #expect(called("HAProxyS 2.1", "b", "b 42 1") == .refuse(.remoteMismatch))
        #expect(called("HAProxyS 2.1", "b", "a") == .refuse(.protocolError))
    }

    @Test("an answer decides for who calls")
    func calling() {
        func answer(_ line: String) -> PeerHandshake.Step {
            var handshake = PeerHandshake(calling: "b", minorVersion: 1)
            return handshake.read(line)
        }
        #expect(answer("200") == .agreed(with: "b", minorVersion: 1))
        #expect(answer("503") == .refused(.localMismatch))
        #expect(answer("502") == .refused(.badVersion))
        #expect(answer("hello") == .refused(nil))
    }
}
