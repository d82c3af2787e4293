import COpenSSL
import Glibc
import Testing

@testable import Wire

@Suite("TLS sessions")
struct TLSSessionTests {
    private static let versions = [TLS1_2_VERSION, TLS1_3_VERSION]

    private func pair(_ version: Int32 = TLS1_3_VERSION, buffer: Int32? = nil) throws -> TLSPair {
        let context = try TLSContext(
            certificates: CertificateTable(defaultKeys: [Keys.ecdsa("a.example")]),
            ticketKeys: TicketKeys(now: 0))
        let pair = try TLSPair(context, ClientOptions(versions: version...version))
        if var buffer {
            setsockopt(pair.serverSocket, SOL_SOCKET, SO_SNDBUF, &buffer, socklen_t(MemoryLayout<Int32>.size))
        }
        try #require(pair.handshake() == .done)
        _ = pair.clientReads()
        return pair
    }

    @Test("what one side sends the other reads", arguments: versions)
    func exchange(version: Int32) throws {
        let pair = try pair(version)
        #expect(pair.serverReads().0 == .wouldBlock)
        try pair.clientSends("hello")
        #expect(pair.serverReads() == (.bytes(5), Array("hello".utf8)))
        #expect(!pair.hasPending)
        #expect(pair.serverWrites("world".utf8) == .bytes(5))
        #expect(pair.clientReads() == Array("world".utf8))
    }

    @Test("a request that comes with the end of the handshake is readable at once")
    func earlyRequest() throws {
        let context = try TLSContext(
            certificates: CertificateTable(defaultKeys: [Keys.ecdsa("a.example")]),
            ticketKeys: TicketKeys(now: 0))
        let pair = try TLSPair(context)
        SSL_do_handshake(pair.client)
        #expect(pair.server.handshake() == .wantRead)
        #expect(SSL_do_handshake(pair.client) == 1)
        try pair.clientSends("GET")
        #expect(pair.server.handshake() == .done)
        #expect(pair.hasPending)
        #expect(pair.serverReads() == (.bytes(3), Array("GET".utf8)))
    }

    @Test("several records are read in one go, and what does not fit is pending")
    func severalRecords() throws {
        let pair = try pair()
        for i in 0..<10 { try pair.clientSends("record \(i);") }
        #expect(pair.serverReads(upTo: 25).1 == Array("record 0;record 1;record ".utf8))
        #expect(pair.hasPending)
        #expect(pair.serverReads().0 == .bytes(65))
        #expect(!pair.hasPending)
    }

    @Test("a record of which only a part has arrived is not pending once it was tried")
    func partOfARecord() throws {
        let pair = try pair()
        try pair.clientSends(String(repeating: "x", count: 100))
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = recv(pair.serverSocket, &bytes, 200, 0)
        // Put it back in two halves, as a slow network would deliver them.
        let relay = try self.relay(into: pair, Array(bytes.prefix(count / 2)))
        #expect(relay == .wouldBlock)
        send(pair.clientSocket, Array(bytes[(count / 2)..<count]), count - count / 2, 0)
        #expect(pair.serverReads().0 == .bytes(100))
        #expect(!pair.hasPending)
    }

    private func relay(into pair: TLSPair, _ bytes: [UInt8]) throws -> IOResult {
        try #require(send(pair.clientSocket, bytes, bytes.count, 0) == bytes.count)
        return pair.serverReads().0
    }

    @Test("ten megabytes arrive whole through a socket that is full most of the time", arguments: versions)
    func largeTransfer(version: Int32) throws {
        let pair = try pair(version, buffer: 8_192)
        let total = 10_000_000
        var expected = SplitMix(state: 1)
        let bytes = (0..<(total / 8)).flatMap { _ in withUnsafeBytes(of: expected.next()) { Array($0) } }
        var received: [UInt8] = []
        received.reserveCapacity(total)
        var sent = 0
        var blocked = 0
        var lastPiece: [UInt8] = []
        while received.count < total {
            if sent < total {
                // Offered at another address each time: the last piece is kept until the next one is made.
                let piece = Array(bytes[sent..<min(sent + 200_000, total)])
                defer { lastPiece = piece }
                switch pair.serverWrites(piece) {
                case .bytes(let count): sent += count
                case .wouldBlock: blocked += 1
                case let other:
                    Issue.record("\(other)")
                    return
                }
                #expect(!pair.writeWantsReadable)
            }
            while let piece = pair.clientReads(), !piece.isEmpty { received += piece }
        }
        #expect(blocked > 0)
        #expect(lastPiece.last == bytes.last)
        #expect(received == bytes)
    }

    @Test("large uploads arrive whole", arguments: versions)
    func largeUpload(version: Int32) throws {
        let pair = try pair(version)
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var sent = 0
        var received: [UInt8] = []
        SSL_ctrl(
            pair.client, SSL_CTRL_MODE,
            Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
        while received.count < bytes.count {
            if sent < bytes.count {
                let piece = Array(bytes[sent...].prefix(50_000))
                let count = SSL_write(pair.client, piece, Int32(piece.count))
                if count > 0 { sent += Int(count) } else { ERR_clear_error() }
            }
            // As an edge-triggered reader does it: until nothing is pending, then wait for the next event.
            repeat { received += pair.serverReads(upTo: 30_000).1 } while pair.hasPending
        }
        #expect(received == bytes)
    }

    @Test(
        "a reader that sleeps when nothing is pending leaves nothing behind, whatever the records' sizes",
        arguments: versions)
    func drained(version: Int32) throws {
        let pair = try pair(version)
        // Some of these end a record exactly where OpenSSL's read buffer of about 16,700 bytes ends.
        for filler in 1...420 {
            let sizes = [16_384, filler, 10]
            for size in sizes { try pair.clientSends(String(repeating: "x", count: size)) }
            var received = 0
            repeat {
                guard case (.bytes(let count), _) = pair.serverReads() else { break }
                received += count
            } while pair.hasPending
            try #require(received == 16_384 + filler + 10)
        }
    }

    @Test("close_notify ends the stream in order, after the bytes before it", arguments: versions)
    func close(version: Int32) throws {
        let pair = try pair(version)
        try pair.clientSends("bye")
        SSL_shutdown(pair.client)
        #expect(pair.serverReads() == (.bytes(3), Array("bye".utf8)))
        #expect(pair.hasPending)
        #expect(pair.serverReads().0 == .closed)
        #expect(pair.serverReads().0 == .closed)
        #expect(pair.serverWrites("still".utf8) == .bytes(5))
        #expect(pair.clientReads() == Array("still".utf8))
    }

    @Test("a stream that ends without close_notify is cut, not closed", arguments: versions)
    func truncation(version: Int32) throws {
        let pair = try pair(version)
        try pair.clientSends("half")
        shutdown(pair.clientSocket, Int32(SHUT_WR))
        #expect(pair.serverReads() == (.bytes(4), Array("half".utf8)))
        #expect(pair.serverReads().0 == .failed(ECONNABORTED))
        #expect(pair.serverReads().0 == .failed(ECONNABORTED))
        #expect(pair.serverShutsDown() == .closed)
    }

    @Test("a damaged record is a violation", arguments: versions)
    func damage(version: Int32) throws {
        let pair = try pair(version)
        let record: [UInt8] = [23, 3, 3, 0, 32] + [UInt8](repeating: 0xAA, count: 32)
        send(pair.clientSocket, record, record.count, 0)
        #expect(pair.serverReads().0 == .failed(EPROTO))
        #expect(pair.serverWrites("x".utf8) == .failed(EPIPE))
        #expect(ERR_peek_error() == 0)
    }

    @Test("our good-bye is said once and lets the client close in order", arguments: versions)
    func goodBye(version: Int32) throws {
        let pair = try pair(version)
        #expect(pair.serverShutsDown() == .closed)
        #expect(pair.serverShutsDown() == .closed)
        #expect(pair.clientReads() == nil)
        #expect(SSL_get_shutdown(pair.client) & SSL_RECEIVED_SHUTDOWN != 0)
        var bytes = [UInt8](repeating: 0, count: 64)
        #expect(recv(pair.clientSocket, &bytes, 64, 0) == -1)
    }

    @Test("writing to a client that is gone fails and raises no signal", arguments: versions)
    func brokenPipe(version: Int32) throws {
        let pair = try pair(version)
        shutdown(pair.clientSocket, Int32(SHUT_RDWR))
        #expect(pair.serverWrites("x".utf8) == .failed(EPIPE))
    }

    @Test("TLS 1.2 renegotiation is refused and the connection goes on")
    func renegotiation() throws {
        let pair = try pair(TLS1_2_VERSION)
        #expect(SSL_renegotiate(pair.client) == 1)
        SSL_do_handshake(pair.client)
        #expect(pair.serverReads().0 == .wouldBlock)
        // The client takes the no_renegotiation alert for fatal; it never gets a second handshake.
        SSL_do_handshake(pair.client)
        #expect(ERR_GET_REASON(ERR_peek_error()) == SSL_R_NO_RENEGOTIATION)
        ERR_clear_error()
        #expect(pair.serverWrites("x".utf8) == .bytes(1))
    }

    @Test("a TLS 1.3 key update in the middle changes nothing")
    func keyUpdate() throws {
        let pair = try pair()
        #expect(SSL_key_update(pair.client, SSL_KEY_UPDATE_REQUESTED) == 1)
        try pair.clientSends("after")
        #expect(pair.serverReads() == (.bytes(5), Array("after".utf8)))
        #expect(pair.serverWrites("ok".utf8) == .bytes(2))
        #expect(pair.clientReads() == Array("ok".utf8))
    }

    @Test("a key update that cannot be answered yet does not stop reading for ever")
    func keyUpdateOnFullSocket() throws {
        let pair = try pair(buffer: 4_608)
        let filler = [UInt8](repeating: 1, count: 100_000)
        var sent = 0
        while case .bytes(let count) = pair.serverWrites(filler[sent...]) { sent += count }
        #expect(SSL_key_update(pair.client, SSL_KEY_UPDATE_REQUESTED) == 1)
        try pair.clientSends("after")
        let first = pair.serverReads()
        var drained = 0
        while let piece = pair.clientReads(), !piece.isEmpty { drained += piece.count }
        while sent < filler.count {
            if case .bytes(let count) = pair.serverWrites(filler[sent...]) { sent += count }
            while let piece = pair.clientReads(), !piece.isEmpty { drained += piece.count }
        }
        let second = first.0 == .wouldBlock ? pair.serverReads() : first
        #expect(second == (.bytes(5), Array("after".utf8)))
        #expect(drained == filler.count)
    }

    @Test("a session takes 24 bytes of each connection, used or not")
    func size() {
        #expect(MemoryLayout<TLSSession?>.stride == 24)
    }

    @Test("an empty buffer and no bytes are no errors")
    func nothing() throws {
        let pair = try pair()
        #expect(pair.serverReads(upTo: 0).0 == .wouldBlock)
        #expect(pair.serverWrites([]) == .wouldBlock)
    }

    @Test("an entry left in OpenSSL's error queue by somebody else is not taken for ours")
    func staleErrors() throws {
        let pair = try pair()
        withVaList([]) { arguments in
            ERR_new()
            ERR_vset_error(ERR_LIB_SSL, SSL_R_HTTP_REQUEST, nil, arguments)
        }
        #expect(pair.serverReads().0 == .wouldBlock)
        try pair.clientSends("x")
        #expect(pair.serverReads().0 == .bytes(1))
    }
}
