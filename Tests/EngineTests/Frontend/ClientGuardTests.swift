import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Guards of hosts")
struct ClientGuardTests {
    private func host(
        _ demand: ClientAuthentication.Demand, _ refusal: ClientAuthentication.Refusal = .answer
    ) -> ClientGuard {
        var settings = ClientAuthentication(authorities: AuthorityBundle(certificatesPEM: []))
        settings.demand = demand
        settings.refusal = refusal
        return ClientGuard(settings)
    }

    private static let verdicts: [PeerCertificate.Verdict] = [
        .none, .good, .bad(.peerUntrusted, reason: "r"), .bad(.peerExpired, reason: "r"),
    ]

    @Test(
        "what was shown under the host's name is judged by its demand",
        arguments: [
            (ClientAuthentication.Demand.required, [400, 0, 400, 400]), (.optional, [0, 0, 400, 400]),
            (.optionalNoCA, [0, 0, 0, 400]),
        ])
    func judged(demand: ClientAuthentication.Demand, statuses: [UInt16]) {
        let host = host(demand)
        for (verdict, status) in zip(ClientGuardTests.verdicts, statuses) {
            let admission = ClientGuard.judge(host, ShownCertificate(host, verdict, nil))
            #expect(admission == (status == 0 ? .told : .refused(status)), "\(verdict)")
        }
    }

    @Test("what was shown under another name is worth nothing, and more than nothing is suspicious")
    func misdirected() {
        let other = ShownCertificate(host(.required), .good, nil)
        for demand in [ClientAuthentication.Demand.required, .optional, .optionalNoCA] {
            #expect(ClientGuard.judge(host(demand), other) == .refused(421))
        }
        #expect(ClientGuard.judge(host(.required), nil) == .refused(421))
        #expect(ClientGuard.judge(host(.optional), nil) == .toldNothing)
        #expect(ClientGuard.judge(host(.optionalNoCA), nil) == .toldNothing)
        #expect(ClientGuard.judge(nil, other) == .pass)
        #expect(ClientGuard.judge(nil, nil) == .pass)
    }

    @Test("a guard that can not verify lets nobody in")
    func broken() {
        let broken = ClientGuard(host(.optional).settings, isBroken: true)
        #expect(ClientGuard.judge(broken, nil) == .refused(403))
        #expect(ClientGuard.judge(broken, ShownCertificate(broken, .good, nil)) == .refused(403))
    }

    @Test("a resumed session whose certificate is no longer good ends as a handshake would")
    func resumed() {
        for (demand, refusal, isRefused) in [
            (.required, .handshake, [true, false, true, true]),
            (.optional, .handshake, [false, false, true, true]),
            (.optionalNoCA, .handshake, [false, false, false, false]),
            (.required, .answer, [false, false, false, false]),
        ] as [(ClientAuthentication.Demand, ClientAuthentication.Refusal, [Bool])] {
            let host = host(demand, refusal)
            let found = ClientGuardTests.verdicts.map { ShownCertificate(host, $0, nil).isRefused }
            #expect(found == isRefused, "\(demand) \(refusal)")
        }
    }

    @Test(
        "fields that claim what only we may say are known in every case and with underscores",
        arguments: [
            ("ssl-client-verify", true), ("SSL-Client-Verify", true), ("ssl_client_verify", true),
            ("Ssl_Client-VERIFY", true), ("ssl-client-verif", false), ("ssl-client-verifyy", false),
            ("xsl-client-verify", false), ("ssl client verify", false),
        ])
    func claims(field: String, isClaim: Bool) {
        let fields = ClaimedFields(["ssl-client-cert", "SSL_Client-Verify"])
        #expect(field.withView { fields.contains($0) } == isClaim)
    }

    @Test("servers are told in ingress-nginx's words; what is empty is left out")
    func lines() {
        var headers = ClientCertificateHeaders()
        #expect(ShownCertificate.lines(headers, .none, nil) == "ssl-client-verify: NONE\r\n")
        #expect(ShownCertificate.lines(headers, .good, nil) == "ssl-client-verify: SUCCESS\r\n")
        #expect(
            ShownCertificate.lines(headers, .bad(.peerExpired, reason: "certificate has expired"), nil)
                == "ssl-client-verify: FAILED:certificate has expired\r\n")
        headers.verification = nil
        #expect(ShownCertificate.lines(headers, .good, nil).isEmpty)
    }

    @Test("PEM is encoded as a URI's component")
    func encoded() {
        #expect(
            ShownCertificate.percentEncoded(Array("-----BEGIN A-----\na+/=~_.\n".utf8))
                == "-----BEGIN%20A-----%0Aa%2B%2F%3D~_.%0A")
    }
}
