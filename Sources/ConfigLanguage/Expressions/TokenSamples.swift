import Model

/// `json_query`, `jwt_verify` and its kin, and hashes and codes with a key.
enum TokenSamples {
    /// What may stand behind the first step of an expression.
    static let converters: [(String, ConverterTable.Reader)] =
        [part(.header), part(.payload)] + others

    private static let others: [(String, ConverterTable.Reader)] =
        [
            (
                "json_query",
                { arguments throws(Refusal) in
                    guard let pick = try pickIfAny(&arguments) else {
                        throw .missing(expected: "a path such as $.a.b[0], argument 1 of 'json_query',")
                    }
                    return .jsonQuery(pick)
                }
            ),
            ("jwt_verify", { arguments throws(Refusal) in .verifyToken(try check(&arguments)) }),
            (
                "jwt_verify_cert",
                { arguments throws(Refusal) in .verifyToken(try certificateCheck(&arguments)) }
            ),
            ("sha1", { _ in .digest("sha1") }),
            (
                "sha2",
                { arguments throws(Refusal) in
                    let bits = try arguments.integerIfAny() ?? 256
                    guard [224, 256, 384, 512].contains(bits) else {
                        throw .conflict("'sha2(\(bits))': expected 224, 256, 384 or 512")
                    }
                    return .digest("sha\(bits)")
                }
            ),
            ("digest", { arguments throws(Refusal) in .digest(try digest(&arguments)) }),
            (
                "hmac",
                { arguments throws(Refusal) in
                    .hmac(try digest(&arguments), try operand(&arguments, "a key in base64, or a variable"))
                }
            ),
            ("secure_memcmp", { arguments throws(Refusal) in .isSecret(try arguments.variable()) }),
        ]

    private static func part(_ part: TokenPart) -> (String, ConverterTable.Reader) {
        (part.rawValue, { arguments throws(Refusal) in .tokenPart(part, try pickIfAny(&arguments)) })
    }

    private static func pickIfAny(_ arguments: inout ArgumentReader) throws(Refusal) -> JSONPick? {
        guard let path = arguments.takeIfAny() else { return nil }
        guard path.text.hasPrefix("$") else { throw .invalid(path, expected: "a path such as $.a.b[0]") }
        guard let type = arguments.takeIfAny() else { return JSONPick(path.text) }
        guard type.text == "int" else { throw .invalid(type, expected: "int") }
        return JSONPick(path.text, isInteger: true)
    }

    /// OpenSSL's names are known when the file is loaded.
    private static func digest(_ arguments: inout ArgumentReader) throws(Refusal) -> String {
        let word = try arguments.take("the name of a hash function, e.g. sha256")
        guard arguments.isDigest(word.text) else {
            throw .invalid(word, expected: "the name of a hash function, e.g. sha256")
        }
        return word.text.lowercased()
    }

    /// A variable if it has the name of one.
    private static func operand(
        _ arguments: inout ArgumentReader, _ expected: String
    ) throws(Refusal) -> ConverterOperand {
        let word = try arguments.take(expected)
        return (try? VariableName.variable(word)).map { .variable($0) } ?? .text(word.bytes)
    }

    private static let algorithms =
        ["none"]
        + ["HS", "RS", "ES", "PS"].flatMap { kind in
            ["256", "384", "512"].map { kind + $0 }
        }

    /// By the owner of a certificate, whose file is read with the line.
    private static func certificateCheck(_ arguments: inout ArgumentReader) throws(Refusal) -> TokenCheck {
        let name = try arguments.take("an algorithm, e.g. RS256")
        let algorithm = (try? VariableName.variable(name)).map { ConverterOperand.variable($0) }
        let known = algorithms.filter { $0 != "none" && !$0.hasPrefix("HS") }
        guard algorithm != nil || known.contains(name.text) else {
            throw .invalid(name, expected: "one of \(known.joined(separator: ", ")), or a variable")
        }
        let place = try arguments.take("the file of a certificate")
        let mark = Array("BEGIN CERTIFICATE".utf8)
        guard case .file(let content) = try arguments.patternFiles().read(place.text),
            content.indices.contains(where: { content[$0...].starts(with: mark) })
        else { throw .conflict("'jwt_verify_cert': there is no file '\(place.text)' with a certificate") }
        var check = TokenCheck(
            algorithm: algorithm ?? .text(name.bytes), key: .text(place.bytes), publicKeyPEM: content)
        check.isOfCertificate = true
        return check
    }

    private static func check(_ arguments: inout ArgumentReader) throws(Refusal) -> TokenCheck {
        let name = try arguments.take("an algorithm, e.g. RS256")
        let algorithm = (try? VariableName.variable(name)).map { ConverterOperand.variable($0) }
        guard algorithm != nil || algorithms.contains(name.text) else {
            throw .invalid(name, expected: "one of \(algorithms.joined(separator: ", ")), or a variable")
        }
        let key = try operand(&arguments, "a secret, or the file of a public key")
        var check = TokenCheck(algorithm: algorithm ?? .text(name.bytes), key: key)
        guard case .text(let bytes) = key, !name.text.hasPrefix("HS"), let files = arguments.patterns else {
            return check
        }
        let place = String(decoding: bytes, as: UTF8.self)
        switch files.read(place) {
        case .file(let content): check.publicKeyPEM = content
        case .folder, .unreadable:
            // Who does not say the algorithm may mean a secret.
            if algorithm == nil {
                throw .conflict("'jwt_verify': there is no file '\(place)' with a public key")
            }
        }
        return check
    }
}
