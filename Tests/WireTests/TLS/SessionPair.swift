import Basics
import Glibc
import Testing

@testable import Wire

/// Two of our own sessions on the ends of a socket pair.
final class SessionPair {
    var client: TLSSession
    var server: TLSSession
    private let sockets: [Int32]
    private(set) var clientState = TLSSession.Handshake.wantRead
    private(set) var serverState = TLSSession.Handshake.wantRead

    init(_ sessions: TLSClientSessions, _ context: TLSContext, name: String = "") throws {
        var ends: [Int32] = [-1, -1]
        try #require(
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        let descriptor = ends[1]
        var made: TLSSession?
        name.withView { made = TLSSession(resuming: sessions, fd: descriptor, serverName: $0) }
        guard let session = made.take(), let accepted = TLSSession(context: context, fd: ends[0]) else {
            ends.forEach { close($0) }
            throw TLSSetupError.outOfMemory
        }
        sockets = ends
        client = session
        server = accepted
    }

    deinit { sockets.forEach { close($0) } }

    /// Moves both ends until neither goes on, and answers how it went for the client.
    @discardableResult
    func handshake() -> TLSSession.Handshake {
        for _ in 0..<20 {
            if clientState == .wantRead || clientState == .wantWrite { clientState = client.handshake() }
            if serverState == .wantRead || serverState == .wantWrite { serverState = server.handshake() }
        }
        return clientState
    }

    /// Sends some bytes to the client, which takes tickets on the way, and ends both sides in order.
    func exchangeAndClose() {
        _ = Array("answer".utf8).withUnsafeBytes { server.write($0) }
        var bytes = [UInt8](repeating: 0, count: 64)
        _ = bytes.withUnsafeMutableBytes { client.read(into: $0) }
        client.shutdown()
        server.shutdown()
    }

    var isResumed: Bool { client.isResumed }
    var toldName: String { server.withServerName { String(decoding: $0, as: UTF8.self) } }
    var agreed: ApplicationProtocol? { client.applicationProtocol }
    var version: TLSVersion { client.version }
    var verdict: PeerCertificate.Verdict { server.verdict }
    var isTolerated: Bool { server.isTolerated }
    var shown: PeerCertificate? { server.peerCertificate }
    func wasTold(_ name: String) -> Bool { name.withView { client.wasTold($0) } }
    func clientReads() -> IOResult {
        var bytes = [UInt8](repeating: 0, count: 64)
        return bytes.withUnsafeMutableBytes { client.read(into: $0) }
    }
}
