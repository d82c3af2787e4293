import Kubernetes
import Model

/// Certificates that clients of a host have to show.
struct ClientTrust: Sendable, Equatable {
    var secret: ObjectReference?
    /// nil is that nothing is asked for.
    var demand: ClientAuthentication.Demand? = .required
    var depth = 1
    var errorPage: String?
    var tellsCertificate = false
    /// Matches anywhere in the subject.
    var subject: String?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("auth-tls-secret"), .own("auth-tls-secret"), form: .object, fallback: "",
                "Clients of the host have to show a certificate that `ca.crt` of this Secret has signed and `ca.crl` has not revoked; others are answered 400. Servers are told `ssl-client-verify`, `ssl-client-subject-dn` and `ssl-client-issuer-dn`. The oldest Ingress of the host that has it decides. With a Secret that can not be used the host is answered 403."
            ) { $0.clientTrust.secret = $1 },
            scope: .host, phase: .access, risk: .medium,
            differs:
                "over plain HTTP a host that demands certificates only sends to HTTPS, and else answers 421 (ingress-nginx: serves); of Ingresses without a host paths are closed; a connection for another name is answered 421"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("auth-tls-verify-client"), .own("auth-tls-verify-client"),
                form: .word([
                    "on": ClientAuthentication.Demand?.some(.required), "off": nil,
                    "optional": .some(.optional), "optional_no_ca": .some(.optionalNoCA),
                ]), fallback: "on",
                "`optional` lets clients without a certificate in too, `optional_no_ca` those with any; `off` asks for none."
            ) { $0.clientTrust.demand = $1 },
            scope: .host, phase: .access, risk: .medium, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .nginx("auth-tls-verify-depth"), .own("auth-tls-verify-depth"), form: .integer(0...100),
                fallback: "1",
                "How many authorities may stand between a client's certificate and a trusted one; 0 is 1."
            ) { $0.clientTrust.depth = max(1, $1) },
            scope: .host, phase: .access, whenInvalid: .fallsBack),
        AnnotationRow(
            SettingRow(
                .nginx("auth-tls-error-page"), .own("auth-tls-error-page"), form: .pathOrURL, fallback: "",
                "Where clients are sent with 302 instead of being answered 400."
            ) { $0.clientTrust.errorPage = $1 },
            scope: .host, phase: .access, risk: .high,
            differs: "clients are sent to a path too; `@name` leaves the Ingress out"),
        AnnotationRow(
            SettingRow(
                .nginx("auth-tls-pass-certificate-to-upstream"),
                .own("auth-tls-pass-certificate-to-upstream"),
                form: .bool, fallback: "false",
                "Tells servers the certificate as `ssl-client-cert`, PEM in percent-encoding."
            ) { $0.clientTrust.tellsCertificate = $1 },
            scope: .host, phase: .access),
        AnnotationRow(
            SettingRow(
                .nginx("auth-tls-match-cn"), .own("auth-tls-match-cn"), form: .subjectPattern, fallback: "",
                "An expression that begins with `CN=` and has to match somewhere in the subject of the client's certificate; others are answered 403, over plain HTTP too."
            ) { $0.clientTrust.subject = $1 },
            scope: .host, phase: .access, risk: .high),
    ]

    /// What a host of the Ingress demands; nil is nothing. Where it can not be verified everybody is refused.
    func authentication(in namespace: String, _ secrets: [ObjectKey: Secret])
        -> (demands: ClientAuthentication?, flaw: AnnotationFlaw?)
    {
        guard let secret else { return (nil, nil) }
        do throws(AnnotationFlaw) {
            let data = try secret.data(in: namespace, secrets, named: "auth-tls-secret")
            guard let certificates = data["ca.crt"], !certificates.isEmpty else {
                throw AnnotationFlaw("auth-tls-secret", "SecretUnusable", "the secret has no ca.crt")
            }
            guard let demand else { return (nil, nil) }
            let authorities = AuthorityBundle(
                certificatesPEM: certificates, revocationsPEM: data["ca.crl"] ?? [])
            return (demands(demand, authorities), nil)
        } catch {
            return (demands(.required, AuthorityBundle(certificatesPEM: [])), error)
        }
    }

    /// Refuses requests without TLS on hosts that demand certificates.
    static var plainRefusal: [HTTPRule] {
        let isTLS = (try? Expression(.ofClient(.isTLS))).map {
            RuleCondition([[RuleCondition.Term([SampleTest($0, .truth)])]], isNegated: true)
        }
        return [HTTPRule(.deny(.page(421)), when: isTLS)]
    }

    private func demands(_ demand: ClientAuthentication.Demand, _ authorities: AuthorityBundle)
        -> ClientAuthentication
    {
        var found = ClientAuthentication(authorities: authorities)
        (found.demand, found.verifyDepth, found.refusal) = (demand, depth, .answer)
        if tellsCertificate { found.headers.certificate = "ssl-client-cert" }
        found.subjectPattern = subject
        found.errorLocation = errorPage
        found.leavesPlainToRules = true
        return found
    }
}

extension SettingForm where Value == String {
    /// An expression about subjects.
    static var subjectPattern: SettingForm {
        SettingForm(type: "expression", expectation: "CN= and a regular expression") { text, _ in
            text.hasPrefix("CN=") && text.utf8.count <= 1_024
                && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } ? text : nil
        }
    }
}
