import Kubernetes
import Testing

@testable import Controller

private let second: UInt64 = 1_000_000_000
private let name = "sluice-admission.sluice.svc"

/// Certificates are texts here: `chain NUMBER FROM TO`.
private final class Workshop: Sendable {
    static let life: Int64 = 300

    static let craft = WebhookPlan.Craft(
        make: { today in
            WebhookCertificate(
                authority: Array("ca of \(today);".utf8),
                chain: Array("\(today) \(today + life) \(name)".utf8),
                key: Array("key".utf8))
        },
        read: { certificate in
            let parts = String(decoding: certificate.chain, as: UTF8.self).split(separator: " ")
            guard parts.count == 3, let from = Int64(parts[0]), let to = Int64(parts[1]) else { return nil }
            return .init(notBefore: from, notAfter: to, names: [String(parts[2])])
        })
}

private func secret(_ certificate: WebhookCertificate?, version: String = "1") -> Secret {
    var secret = Secret()
    secret.meta.name = "sluice-admission"
    secret.meta.namespace = "sluice"
    secret.meta.resourceVersion = version
    if let certificate {
        secret.data = [
            "ca.crt": certificate.authority, "tls.crt": certificate.chain, "tls.key": certificate.key,
        ]
    }
    return secret
}

private func configuration(_ authorities: String...) -> WebhookConfiguration {
    var configuration = WebhookConfiguration()
    configuration.meta.name = "sluice"
    configuration.webhooks = authorities.enumerated().map { place, text in
        var webhook = WebhookConfiguration.Webhook()
        webhook.name = "webhook\(place)"
        webhook.authorities = Array(text.utf8)
        return webhook
    }
    return configuration
}

private func plan(_ secret: Secret?, _ configuration: WebhookConfiguration?) -> WebhookPlan {
    var plan = WebhookPlan(name: name, craft: Workshop.craft)
    plan.note(secret)
    plan.note(configuration)
    return plan
}

private func made(_ day: Int64) throws -> WebhookCertificate { try #require(Workshop.craft.make(day)) }

@Suite("The plan of a webhook's certificate")
struct WebhookPlanTests {
    @Test("nothing is done before both objects have been read")
    func unread() {
        var plan = WebhookPlan(name: name, craft: Workshop.craft)
        #expect(plan.step(now: 0, today: 0) == .idle && plan.absence == nil)
        plan.note(secret(nil))
        #expect(plan.step(now: 0, today: 0) == .idle && plan.absence == nil)
    }

    @Test("an absent object is told of, and nothing is written")
    func absent() {
        var first = plan(nil, configuration(""))
        #expect(first.step(now: 0, today: 0) == .idle)
        #expect(first.absence?.contains("create an empty one") == true)
        var second = plan(secret(nil), nil)
        #expect(second.step(now: 0, today: 0) == .idle)
        #expect(second.absence?.contains("ValidatingWebhookConfiguration") == true)
    }

    @Test("an empty Secret gets a certificate at once, after its authority is believed")
    func first() throws {
        var plan = plan(secret(nil), configuration(""))
        let certificate = try made(50)
        #expect(plan.step(now: 0, today: 50) == .believe(configuration(""), certificate.authority))
        plan.note(configuration("ca of 50;"))
        #expect(plan.step(now: second, today: 51) == .hold(certificate, version: "1"))
        plan.wrote(certificate)
        guard case .wait = plan.step(now: 2 * second, today: 51) else {
            Issue.record("something is written again")
            return
        }
    }

    @Test("a good certificate is left alone, and every webhook believes its authority")
    func good() throws {
        let certificate = try made(0)
        var plan = plan(secret(certificate), configuration("ca of 0;", "x ca of 0; y", ""))
        #expect(
            plan.step(now: 0, today: 10)
                == .believe(configuration("ca of 0;", "x ca of 0; y", ""), certificate.authority))
        plan.note(configuration("ca of 0;", "ca of 0;", "ca of 0;"))
        #expect(plan.step(now: 0, today: 199) == .wait(until: 3_600 * second))
    }

    @Test(
        "in its last third it is replaced: first both authorities are believed, a moment later the new one is held"
    )
    func renewal() throws {
        let (old, new) = (try made(0), try made(200))
        var plan = plan(secret(old, version: "7"), configuration("ca of 0;"))
        #expect(
            plan.step(now: 0, today: 200)
                == .believe(configuration("ca of 0;"), old.authority + new.authority))
        plan.note(configuration("ca of 0;ca of 200;"))
        #expect(plan.step(now: second, today: 201) == .wait(until: 6 * second))
        #expect(plan.step(now: 5 * second, today: 205) == .wait(until: 6 * second))
        #expect(plan.step(now: 6 * second, today: 206) == .hold(new, version: "7"))
        plan.note(secret(new, version: "8"))
        #expect(plan.step(now: 7 * second, today: 207) == .wait(until: 3_607 * second))
    }

    @Test("the moment begins anew when somebody takes the authority away meanwhile")
    func disturbed() throws {
        let (old, new) = (try made(0), try made(200))
        var plan = plan(secret(old), configuration("ca of 0;ca of 200;"))
        #expect(plan.step(now: second, today: 200) == .wait(until: 6 * second))
        plan.note(configuration("ca of 0;"))
        #expect(
            plan.step(now: 3 * second, today: 202)
                == .believe(configuration("ca of 0;"), old.authority + new.authority))
        plan.note(configuration("ca of 0;ca of 200;"))
        #expect(plan.step(now: 4 * second, today: 203) == .wait(until: 9 * second))
    }

    @Test(
        "what nobody can serve with is replaced",
        arguments: [
            WebhookCertificate(authority: [1], chain: [2], key: [3]),
            WebhookCertificate(authority: [], chain: Array("0 300 \(name)".utf8), key: [3]),
            WebhookCertificate(authority: [1], chain: Array("0 300 other.svc".utf8), key: [3]),
            WebhookCertificate(authority: [1], chain: Array("90 300 \(name)".utf8), key: [3]),
            WebhookCertificate(
                authority: [1], chain: Array("\(Int64.min) \(Int64.max) \(name)".utf8), key: [3]),
            WebhookCertificate(authority: [1], chain: Array("80 20 \(name)".utf8), key: [3]),
        ])
    func unusable(certificate: WebhookCertificate) {
        var plan = plan(secret(certificate), configuration("none"))
        guard case .believe(_, let authorities) = plan.step(now: 0, today: 50) else {
            Issue.record("not replaced")
            return
        }
        #expect(String(decoding: authorities, as: UTF8.self).hasSuffix("ca of 50;"))
    }

    @Test("another replica's certificate ends what this one has begun")
    func overtaken() throws {
        let other = try made(60)
        var plan = plan(secret(nil), configuration(""))
        _ = plan.step(now: 0, today: 50)
        plan.note(secret(other, version: "2"))
        #expect(plan.step(now: 0, today: 60) == .believe(configuration(""), other.authority))
    }

    @Test("after a write that was not taken it rests")
    func rests() {
        var plan = plan(secret(nil), configuration(""))
        _ = plan.step(now: 0, today: 50)
        plan.rest(from: second, seconds: 2)
        #expect(plan.step(now: 2 * second, today: 50) == .wait(until: 3 * second))
        #expect(plan.step(now: 3 * second, today: 50) == plan.step(now: 4 * second, today: 50))
    }

    @Test("without a way to make one it is tried again later")
    func noCraft() {
        var plan = WebhookPlan(name: name, craft: .init(make: { _ in nil }, read: { _ in nil }))
        plan.note(secret(nil))
        plan.note(configuration(""))
        #expect(plan.step(now: 0, today: 50) == .wait(until: 3_600 * second))
    }

    @Test("the requests say what they mean, and hold where somebody else has written")
    func requests() throws {
        let belief = WebhookWrites.believe(Array("ca".utf8), configuration("", "old"))
        #expect(
            belief.target == "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/sluice")
        #expect(
            String(decoding: belief.body, as: UTF8.self)
                == #"[{"op":"test","path":"/webhooks/0/name","value":"webhook0"},{"op":"add","path":"/webhooks/0/clientConfig/caBundle","value":"Y2E="},{"op":"test","path":"/webhooks/1/name","value":"webhook1"},{"op":"add","path":"/webhooks/1/clientConfig/caBundle","value":"Y2E="}]"#
        )
        let hold = WebhookWrites.hold(
            WebhookCertificate(authority: [1], chain: [2], key: [3]), secret(nil).meta.key, version: "5")
        #expect(hold.target == "/api/v1/namespaces/sluice/secrets/sluice-admission" && hold.method == "PATCH")
        #expect(
            String(decoding: hold.body, as: UTF8.self)
                == #"{"metadata":{"resourceVersion":"5"},"data":{"ca.crt":"AQ==","tls.crt":"Ag==","tls.key":"Aw=="}}"#
        )
    }

    @Test("a certificate is never printed")
    func withheld() {
        #expect(
            "\(WebhookCertificate(authority: [1], chain: [2], key: Array("secret".utf8)))".contains(
                "withheld"))
    }
}
