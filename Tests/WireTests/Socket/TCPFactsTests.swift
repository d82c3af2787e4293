import Glibc
import Testing

@testable import Wire

@Suite("What the kernel knows of TCP connections")
struct TCPFactsTests {
    @Test("what is no TCP connection has none of it")
    func others() {
        #expect(TCPFacts(-1) == nil)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        #expect(descriptor >= 0 && TCPFacts(descriptor) == nil)
    }

    @Test("a new one has lost nothing")
    func new() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let facts = try #require(TCPFacts(descriptor))
        #expect(facts.lost == 0 && facts.retransmitted == 0 && facts.unacknowledged == 0)
    }
}
