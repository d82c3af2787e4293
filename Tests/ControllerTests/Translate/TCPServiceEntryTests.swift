import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Entries of TCP services")
struct TCPServiceEntryTests {
    private func read(_ key: String, _ value: String) -> (entry: TCPServiceEntry?, reason: String?) {
        do throws(TCPServiceEntry.Problem) {
            let (entry, problem) = try TCPServiceEntry.read(key, value)
            return (entry, problem?.reason)
        } catch {
            return (nil, error.reason)
        }
    }

    @Test(
        "port, Service and its port are read",
        arguments: [
            ("5432", "shop/db:5432", 5432, ServicePort.number(5432)), ("1", "a/b:1", 1, .number(1)),
            ("65535", "a/b:65535", 65535, .number(65535)), ("5432", "shop/db:pg", 5432, .name("pg")),
            ("9000", "shop/db:80-http", 9000, .name("80-http")),
            ("9000", " shop/db : 80 ", 9000, .number(80)),
            ("9000", "shop/db:80\n", 9000, .number(80)), ("0090", "a/b:1", 90, .number(1)),
        ])
    func usual(key: String, value: String, port: Int, servicePort: ServicePort) throws {
        let (entry, reason) = read(key, value)
        #expect(reason == nil)
        #expect(entry?.port == UInt16(port))
        #expect(entry?.servicePort == servicePort)
        #expect(entry?.acceptsProxyHeaders == false)
        #expect(entry?.sendsProxyHeaders == false)
    }

    @Test(
        "PROXY first is from clients, second to servers, in any case",
        arguments: [
            ("a/b:1:PROXY", true, false), ("a/b:1::PROXY", false, true), ("a/b:1:PROXY:PROXY", true, true),
            ("a/b:1:proxy:Proxy", true, true), ("a/b:1::", false, false), ("a/b:1:", false, false),
            ("a/b:1: PROXY : PROXY", true, true),
        ])
    func proxy(value: String, accepts: Bool, sends: Bool) {
        let (entry, reason) = read("9000", value)
        #expect(reason == nil)
        #expect(entry?.acceptsProxyHeaders == accepts)
        #expect(entry?.sendsProxyHeaders == sends)
    }

    @Test(
        "words that mean nothing are told of, and the rest is served",
        arguments: [
            "a/b:1:PROXX", "a/b:1:PROXY:yes", "a/b:1:PROXY:PROXY:PROXY", "a/b:1:::", "a/b:1:v2:PROXY",
        ])
    func unknownWord(value: String) {
        let (entry, reason) = read("9000", value)
        #expect(entry != nil)
        #expect(reason == "WordUnknown")
    }

    @Test(
        "a key that is no port leaves the entry out",
        arguments: [
            "", "0", "-1", "65536", "99999999999999999999", "http", "80a", "8 0", "+80", "0x50", "８０",
        ])
    func badKey(key: String) {
        let (entry, reason) = read(key, "a/b:1")
        #expect(entry == nil)
        #expect(reason == "PortInvalid")
    }

    @Test(
        "a value that names no Service or port leaves the entry out",
        arguments: [
            "", "a", "a/b", "b:80", "a/:80", "/b:80", "a/b/c:80", "a/b:", ":80", "://", "a b", "a/b: ",
        ])
    func badReference(value: String) {
        let (entry, reason) = read("9000", value)
        #expect(entry == nil)
        #expect(reason == "ReferenceInvalid")
    }

    @Test(
        "a number that is no port leaves the entry out", arguments: ["a/b:0", "a/b:65536", "a/b:123456789"])
    func badPort(value: String) {
        let (entry, reason) = read("9000", value)
        #expect(entry == nil)
        #expect(reason == "PortInvalid")
    }
}
