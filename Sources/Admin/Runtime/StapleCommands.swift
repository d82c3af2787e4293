import Basics
import Engine
import Wire

/// `set ssl ocsp-response`: a response of OCSP for the certificates that it is about; `show ssl ocsp-response`: those there are.
struct StapleCommands: Sendable {
    /// Staples a response; what speaks against it.
    let staple: @Sendable ([UInt8]) -> OCSPError?
    /// The certificates that have one, by name.
    let staples: @Sendable () -> [(name: String, staple: OCSPStaple)]

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "set ssl ocsp-response", "<resp|payload>",
                "update a certificate's OCSP Response from a base64-encode DER", .admin
            ) { set($0) },
            RuntimeCommand(
                "show ssl ocsp-response", "[[text|base64] id]",
                "display the IDs of the OCSP responses used in HAProxy, or the details of a given OCSP response (in text or base64 format)",
                .admin
            ) { show($0) },
        ]
    }

    /// Of those that an engine shows.
    init(of engine: Engine) {
        self.init(staple: { engine.staple($0) }, staples: { engine.staples() })
    }

    init(
        staple: @escaping @Sendable ([UInt8]) -> OCSPError?,
        staples: @escaping @Sendable () -> [(name: String, staple: OCSPStaple)] = { [] }
    ) {
        (self.staple, self.staples) = (staple, staples)
    }

    private func show(_ call: RuntimeCall) -> String {
        var words = call.words[...]
        let format = ["text", "base64"].contains(words.first) ? words.removeFirst() : ""
        guard let id = words.first else {
            guard format.isEmpty else {
                return "'show ssl ocsp-response [text|base64]' expects a valid certid.\n"
            }
            return "# Certificate IDs\n"
                + staples().map { StapleCommands.lines($0.name, $0.staple.subject) }.joined()
        }
        let found = staples().first {
            $0.name == id || StapleCommands.hexadecimal($0.staple.subject.der) == id.lowercased()
        }
        guard let staple = found?.staple else {
            let isID =
                id.utf8.count % 2 == 0 && id.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
            return isID
                ? "Certificate ID or path does not match any certificate.\n"
                : "'show ssl ocsp-response' expects a valid certid or certificate path.\n"
        }
        guard format != "base64" else { return Base64.encode(staple.bytes) + "\n" }
        // An empty line would end the answer.
        let lines = String(decoding: staple.text, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        return lines.dropLast().map { $0.isEmpty ? " " : String($0) }.joined(separator: "\n") + "\n"
    }

    private static func lines(_ name: String, _ subject: OCSPSubject) -> String {
        let serial = subject.serial.isEmpty ? "00" : hexadecimal(subject.serial).uppercased()
        return """
            Certificate ID key : \(hexadecimal(subject.der))
            Certificate path : \(name)
             Certificate ID:
               Issuer Name Hash: \(hexadecimal(subject.issuerName).uppercased())
               Issuer Key Hash: \(hexadecimal(subject.issuerKey).uppercased())
               Serial Number: \(serial)

            """
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func set(_ call: RuntimeCall) -> String {
        let text = call.payload.map { String(decoding: $0, as: UTF8.self) } ?? call.words.first
        guard let text else { return "'set ssl ocsp-response' expects response in base64 encoding.\n" }
        guard let bytes = Base64.decode(text) else {
            return "'set ssl ocsp-response' received invalid base64 encoded response.\n"
        }
        guard let error = staple(bytes) else { return "OCSP Response updated!\n" }
        return StapleCommands.sentence(error) + ".\n"
    }

    /// HAProxy's words.
    private static func sentence(_ error: OCSPError) -> String {
        switch error {
        case .tooBig, .malformed: "Unable to parse OCSP response"
        case .refused: "OCSP response status not successful"
        case .otherCertificate:
            "OCSP single response: Certificate ID does not match any certificate or issuer"
        case .unknownCertificate: "OCSP single response: certificate status is unknown"
        case .withoutEnd, .expired: "OCSP single response: no longer valid."
        case .notYetValid: "OCSP single response: not yet valid"
        }
    }
}
