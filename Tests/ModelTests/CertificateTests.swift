import Model
import Testing

@Suite("Certificates")
struct CertificateTests {
    @Test("two are equal when their bytes and their use are")
    func equality() {
        let one = Certificate(chainPEM: [1], keyPEM: [2])
        #expect(one == one && one == Certificate(chainPEM: [1], keyPEM: [2]))
        #expect(
            one != Certificate(chainPEM: [1], keyPEM: [3]) && one != Certificate(chainPEM: [9], keyPEM: [2]))
        #expect(one != Certificate(chainPEM: [1], keyPEM: [2], servesSubjectNames: true))
    }

    @Test("a certificate prints without its key")
    func description() {
        let certificate = Certificate(chainPEM: Array("chain".utf8), keyPEM: Array("hush".utf8))
        #expect("\(certificate)" == "certificate (5 bytes, key withheld)")
    }

    @Test("routes are equal by value, whoever holds them")
    func routes() {
        let route = Route(
            path: "/", match: .prefix, target: .answer(status: 503),
            origin: Origin(namespace: "shop", name: "web"))
        #expect(HostRoutes([route]) == HostRoutes([route]) && HostRoutes([route]) != HostRoutes([]))
    }

    @Test("a server without a name is called by its address")
    func server() {
        #expect(Server(address: "10.0.0.1", port: 80).name == "10.0.0.1:80")
        #expect(Server(address: "10.0.0.1", port: 80, name: "web-1").name == "web-1")
    }
}
