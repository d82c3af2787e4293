import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("CORS by annotation")
struct CrossOriginTests {
    private func rules(_ annotations: [String: String]) -> RouteRules? {
        var cluster = TestCluster()
        cluster.put(service("web"), annotated(annotations))
        return cluster.allRoutes().first?.rules
    }

    private func preflights(_ rules: RouteRules?) -> [[String: String]] {
        (rules?.first ?? []).compactMap { rule in
            guard case .answer(.own(let page, _)) = rule.action else { return nil }
            #expect(page.flaw == nil)
            #expect(page.status == 204)
            return Dictionary(page.fields.map { ($0.name, $0.value) }) { first, _ in first }
        }
    }

    private func told(_ rules: RouteRules?) -> [String] {
        (rules?.after ?? []).compactMap { rule in
            if case .change(.setField(let name, _)) = rule.action { return name }
            return nil
        }
    }

    @Test("enable-cors: everybody, with ingress-nginx's defaults")
    func standard() {
        let found = rules(["enable-cors": "true"])
        #expect(
            preflights(found) == [
                [
                    "Content-Type": "text/plain charset=UTF-8", "Access-Control-Allow-Origin": "*",
                    "Access-Control-Allow-Credentials": "true",
                    "Access-Control-Allow-Methods": "GET, PUT, POST, DELETE, PATCH, OPTIONS",
                    "Access-Control-Allow-Headers":
                        "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization",
                    "Access-Control-Max-Age": "1728000",
                ]
            ])
        #expect(told(found).count == 5)
        #expect(found?.after.allSatisfy { $0.condition == nil } == true && found?.response == [])
    }

    @Test("cors-allow-origin: each origin has its own preflight, and answers tell who asked")
    func origins() {
        let found = rules([
            "enable-cors": "true", "cors-allow-origin": "https://a.example, http://b.example:8080,null",
        ])
        #expect(
            preflights(found).map { $0["Access-Control-Allow-Origin"] } == [
                "https://a.example", "http://b.example:8080", "null",
            ])
        #expect(found?.first.count == 4)
        #expect(found?.after.allSatisfy { $0.condition != nil } == true)
        #expect(
            preflights(rules(["enable-cors": "true", "cors-allow-origin": "*, https://a.example"])).count == 1
        )
    }

    @Test("cors-allow-origin: a star is one label, and the whole origin is compared")
    func labels() throws {
        let found = try #require(
            rules(["enable-cors": "true", "cors-allow-origin": "https://*.a.example:8443, http://b.example"]))
        #expect(found.first.count == 2, "one preflight for all")
        let matching = found.first.last?.condition?.alternatives.first?.first?.tests.first?.matching
        #expect(
            matching
                == .regex(
                    ["^(https\\:\\/\\/[a-z0-9-]+\\.a\\.example\\:8443|http\\:\\/\\/b\\.example)$"],
                    ignoresCase: true))
    }

    @Test("cors-*: each says one field")
    func fields() {
        let found = rules([
            "enable-cors": "true", "cors-allow-methods": "GET", "cors-allow-headers": "X-A, X-B",
            "cors-expose-headers": "X-C", "cors-allow-credentials": "false", "cors-max-age": "60",
        ])
        let fields = preflights(found).first
        #expect(fields?["Access-Control-Allow-Methods"] == "GET")
        #expect(fields?["Access-Control-Allow-Headers"] == "X-A, X-B")
        #expect(fields?["Access-Control-Expose-Headers"] == "X-C")
        #expect(fields?["Access-Control-Allow-Credentials"] == nil)
        #expect(fields?["Access-Control-Max-Age"] == "60")
    }

    @Test("cors-*: without enable-cors they do nothing")
    func off() { #expect(rules(["cors-allow-origin": "https://a.example"]) == nil) }

    @Test("enable-cors: preflights come before every redirect")
    func order() {
        let found = rules(["enable-cors": "true", "permanent-redirect": "/new"])
        #expect(found?.first.count == 2)
        if case .answer? = found?.first.first?.action {} else { Issue.record("the preflight comes first") }
    }

    @Test(
        "cors-allow-origin: what is no origin is skipped in a line of others, and lets nobody in between lines"
    )
    func skipped() {
        let found = rules(["enable-cors": "true", "cors-allow-origin": "nonsense, https://a.example"])
        #expect(preflights(found).map { $0["Access-Control-Allow-Origin"] } == ["https://a.example"])
        let lines = ["https://a.example\r\nX-B: c": true, "https://a.example,\nhttps://b.example": false]
        for (text, isOut) in lines {
            let reading = AnnotationReading(annotated(["cors-allow-origin": text]))
            #expect((reading.failure == .leavesIngressOut) == isOut)
        }
    }

    @Test(
        "cors-allow-origin: without any origin the Ingress is left out",
        arguments: [
            "a.example", "https://*", "https://a.*.example", "https://*.*.example", "https://*x.example",
            "*.example",
        ])
    func invalid(text: String) {
        #expect(AnnotationReading(annotated(["cors-allow-origin": text])).failure == .leavesIngressOut)
    }
}
