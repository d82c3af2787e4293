import Basics
import Glibc
import Testing

@testable import Wire

@Suite("Sockets of this machine")
struct LocalSocketTests {
    private func folder() throws -> String {
        var template = Array("/tmp/sluice.XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { room in
            room.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        try #require(made)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test("a text is the same address each time, and says what it is")
    func names() throws {
        let path = try #require(SocketAddress(local: "unix@/run/a"))
        #expect(path == SocketAddress(local: "unix@/run/a"))
        #expect(path != SocketAddress(local: "abns@/run/a"))
        #expect(path.isLocal && !path.isV6)
        #expect(path.description(withPort: true) == "unix@/run/a")
        #expect(path.description(withPort: false) == "unix")
        #expect(path.v4Number == nil)
    }

    @Test(
        "what is none is none",
        arguments: [
            "", "unix@", "unix", "/run/a", "tcp@a", "unix@a\0b", "abns@" + String(repeating: "a", count: 108),
        ])
    func none(text: String) { #expect(SocketAddress(local: text) == nil) }

    @Test("names outside of the file system begin with a zero, of which one kind is filled up")
    func system() throws {
        let filled = try #require(LocalSocketName.named("abns@ab"))
        let exact = try #require(LocalSocketName.named("abnsz@ab"))
        #expect(filled.bytes == [0, 0x61, 0x62] && exact.bytes == filled.bytes)
        #expect(Int(SocketAddress.storage(of: filled).1) == MemoryLayout<sockaddr_un>.size)
        #expect(Int(SocketAddress.storage(of: exact).1) == MemoryLayout<sa_family_t>.size + 3)
    }

    @Test("no network holds a client of one, and a PROXY header tells nothing of it")
    func clients() throws {
        var client = try #require(SocketAddress(local: "unix@/run/a"))
        client.port = 3
        #expect(Network("0.0.0.0/0")?.contains(client) == false)
        #expect(Network("::/0")?.contains(client) == false)
        var buffer = Buffer(capacity: 128)
        let facts = ProxyFacts(addresses: ProxyAddresses(source: client, destination: SocketAddress()))
        #expect(ProxyHeaderWriter(.text).append(facts, to: &buffer))
        #expect(buffer.view.string == "PROXY UNKNOWN\r\n")
        buffer.reset()
        #expect(ProxyHeaderWriter(.binary).append(facts, to: &buffer))
        #expect(Array(buffer.view.string.utf8.suffix(4)) == Array("\u{21}\0\0\0".utf8))
    }

    @Test("a path's socket takes another's place, with its rights, and takes connections")
    func path() throws {
        let path = try folder() + "/s"
        defer { unlink(path) }
        let address = try #require(SocketAddress(local: "unix@\(path)"))
        let first = try Listener(local: address, SocketRights(mode: 0o600))
        let second = try Listener(local: address, SocketRights(mode: 0o640))
        var known = stat()
        #expect(stat(path, &known) == 0 && known.st_mode & 0o777 == 0o640)
        let client = Socket.connect(to: address)
        defer { Socket.close(client) }
        try #require(client >= 0)
        let taken = second.accept()
        let accepted = try #require(taken)
        defer { Socket.close(accepted.descriptor) }
        #expect(accepted.peer.isLocal)
        let other = first.accept()?.descriptor
        #expect(other == nil)
        #expect(Listener.localAddress(accepted.descriptor).isLocal)
    }

    @Test("it stays when its listener goes, and connections are refused then")
    func end() throws {
        let path = try folder() + "/s"
        defer { unlink(path) }
        let address = try #require(SocketAddress(local: "unix@\(path)"))
        do { _ = try Listener(local: address, SocketRights()) }
        #expect(access(path, F_OK) == 0)
        #expect(Socket.connect(to: address) == -ECONNREFUSED)
    }

    @Test("what is no socket stays, and the address is refused")
    func file() throws {
        let path = try folder()
        let address = try #require(SocketAddress(local: "unix@\(path)"))
        #expect(throws: Listener.Failure(step: "bind", code: EEXIST)) {
            _ = try Listener(local: address, SocketRights())
        }
        rmdir(path)
    }

    @Test("a name outside of the file system is had once")
    func name() throws {
        let address = try #require(SocketAddress(local: "abns@sluice-test-\(getpid())"))
        let one = try Listener(local: address, SocketRights())
        #expect(throws: Listener.Failure(step: "bind", code: EADDRINUSE)) {
            _ = try Listener(local: address, SocketRights())
        }
        let client = Socket.connect(to: address)
        #expect(client >= 0)
        let accepted = one.accept()?.descriptor ?? -1
        #expect(accepted >= 0)
        Socket.close(accepted)
        Socket.close(client)
    }
}
