import Engine
import Testing

@testable import Command

@Suite struct RelayRefusalsTests {
    private func sentence(_ status: UInt16, _ body: String = "{}") -> String {
        RelayRefusals.sentence(
            about: RelayRefusal(
                status: status, backend: "shop/web:80", server: "web-0", body: Array(body.utf8)))
    }

    @Test("what the API server says is told with the way out")
    func forbidden() {
        let body =
            #"{"kind":"Status","apiVersion":"v1","message":"pods \"web-0\" is forbidden\nUser \"jo\""}"#
        #expect(
            sentence(403, body)
                == "shop/web:80: the API server itself answered 403 for pod web-0 (pods \"web-0\" is forbidden User \"jo\"): whoever the kubeconfig is needs the verbs get, create, update, patch and delete on pods/proxy there"
        )
    }

    @Test("each status has a sentence", arguments: [400, 401, 404, 429, 500, 502, 503] as [UInt16])
    func others(status: UInt16) {
        #expect(sentence(status).contains("answered \(status) for pod web-0: "))
    }

    @Test("a body that is cut off is no matter")
    func cut() {
        #expect(sentence(503, #"{"kind":"Status","message":"err"#).contains("503"))
    }
}
