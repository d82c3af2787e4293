import Model

/// `mqtt_is_valid`, `be2dec`, `param` and other converters about formats, and `aes_gcm_dec` and its kin.
enum FormatSamples {
    /// What may stand behind the first step of an expression.
    static let converters: [(String, ConverterTable.Reader)] =
        [
            ("mqtt_is_valid", { _ in .isMQTT }),
            ("mqtt_field_value", { arguments throws(Refusal) in .mqttField(try pick(&arguments)) }),
            ("protobuf", { arguments throws(Refusal) in .protobuf(try field(&arguments, isFramed: false)) }),
            ("ungrpc", { arguments throws(Refusal) in .protobuf(try field(&arguments, isFramed: true)) }),
            ("cut_crlf", { _ in .cutLine }),
            (
                "param",
                { arguments throws(Refusal) in
                    let name = try arguments.take("a name").bytes
                    return .parameter(name, delimiter: try arguments.byteIfAny() ?? UInt8(ascii: "&"))
                }
            ),
            (
                "add_item",
                { arguments throws(Refusal) in
                    let delimiter = try arguments.take("a delimiter").bytes
                    let middle = try arguments.variableIfAny()
                    let back = arguments.takeIfAny()?.bytes ?? []
                    guard middle != nil || !back.isEmpty else {
                        throw .missing(expected: "a variable or a text behind the delimiter")
                    }
                    return .item(delimiter, middle, back)
                }
            ),
            (
                "http_date",
                { arguments throws(Refusal) in
                    let offset = try arguments.integerIfAny() ?? 0
                    let unit = try ExchangeSamples.unit(&arguments)
                    let format = MomentFormat(MomentFormat.ofHTTP, of: unit, offset: offset, isLocal: false)
                    if unit != .seconds { return .moment(format) }
                    return .time(format: format.format, offset: offset, isLocal: false)
                }
            ),
            (
                "aes_gcm_enc",
                { arguments throws(Refusal) in .cipher(try gcm(&arguments, isEncryption: true)) }
            ),
            (
                "aes_gcm_dec",
                { arguments throws(Refusal) in .cipher(try gcm(&arguments, isEncryption: false)) }
            ),
            (
                "aes_cbc_enc",
                { arguments throws(Refusal) in .cipher(try cipher(&arguments, isEncryption: true)) }
            ),
            (
                "aes_cbc_dec",
                { arguments throws(Refusal) in .cipher(try cipher(&arguments, isEncryption: false)) }
            ),
            ("be2dec", { arguments throws(Refusal) in try chunks(.be2dec, &arguments) }),
            ("le2dec", { arguments throws(Refusal) in try chunks(.le2dec, &arguments) }),
            ("be2hex", { arguments throws(Refusal) in try chunks(.be2hex, &arguments) }),
        ]

    private static func chunks(
        _ kind: ByteChunks.Kind, _ arguments: inout ArgumentReader
    ) throws(Refusal) -> Converter {
        let separator = arguments.takeIfAny()?.bytes ?? []
        let largest = kind == .be2hex ? 16_384 : 8
        let size = try arguments.integerIfAny(in: 1...largest, "a number of bytes from 1 to \(largest)")
        guard let size else {
            guard kind == .be2hex, separator.isEmpty else {
                throw .missing(expected: "how many bytes make a number")
            }
            return .hex
        }
        return .chunks(
            ByteChunks(kind, separator: separator, size: Int(size), dropsRest: try arguments.flag()))
    }

    /// `1.3.2`, and what type it is of.
    private static func field(
        _ arguments: inout ArgumentReader, isFramed: Bool
    ) throws(Refusal) -> ProtobufPick {
        let word = try arguments.take("the number of a field, or several such as 1.3.2")
        let parts = word.text.split(separator: ".", omittingEmptySubsequences: false)
        let path = parts.compactMap { UInt32($0) }.filter { (1...ProtobufPick.highestField).contains($0) }
        guard path.count == parts.count, path.count <= ProtobufPick.longestPath else {
            throw .invalid(
                word,
                expected: "up to \(ProtobufPick.longestPath) numbers of fields with points between them")
        }
        guard let name = arguments.takeIfAny() else { return ProtobufPick(path, isFramed: isFramed) }
        guard let type = ProtobufType(rawValue: name.text) else {
            let types = ProtobufType.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(name, expected: "one of \(types)")
        }
        return ProtobufPick(path, as: type, isFramed: isFramed)
    }

    private static func pick(_ arguments: inout ArgumentReader) throws(Refusal) -> MQTTPick {
        let kind = try arguments.take("connect or connack")
        guard
            let isClients = ["connect": true, "1": true, "connack": false, "2": false][kind.text.lowercased()]
        else {
            throw .invalid(kind, expected: "connect or connack")
        }
        let word = try arguments.take("the name of a field, or the number of a property")
        let names = MQTTField.words.filter {
            isClients ? $0.field != .reasonCode : ofAnswers.contains($0.word)
        }
        if let known = names.first(where: { $0.word == word.text }) {
            return MQTTPick(isClients: isClients, known.field)
        }
        guard let number = UInt8(word.text),
            (isClients ? clientProperties : answerProperties).contains(number)
        else {
            throw .invalid(
                word, expected: "\(names.map(\.word).joined(separator: ", ")), or the number of a property")
        }
        return MQTTPick(isClients: isClients, .property(number))
    }

    private static let ofAnswers: Set<String> = ["flags", "protocol_version", "reason_code"]
    private static let clientProperties: Set<UInt8> = [1, 2, 3, 8, 9, 17, 21, 22, 23, 24, 25, 33, 34, 39]
    private static let answerProperties: Set<UInt8> = [
        17, 18, 19, 21, 22, 26, 28, 31, 33, 34, 36, 37, 39, 40, 41, 42,
    ]

    private static func gcm(
        _ arguments: inout ArgumentReader, isEncryption: Bool
    ) throws(Refusal) -> Cipher {
        var cipher = try cipher(&arguments, isEncryption: isEncryption)
        let word = try arguments.take(
            isEncryption ? "a variable for the tag" : "the tag in base64, or a variable")
        let variable = try? VariableName.variable(word)
        guard !isEncryption || variable != nil else {
            // It may be a part of the key.
            throw .conflict("'aes_gcm_enc': the word behind the key must be a variable for the tag")
        }
        cipher.tag = variable.map { .variable($0) } ?? .text(word.bytes)
        cipher.added = try addedIfAny(&arguments)
        return cipher
    }

    private static func cipher(
        _ arguments: inout ArgumentReader, isEncryption: Bool
    ) throws(Refusal) -> Cipher {
        let bits = try arguments.integer(in: 128...256, "128, 192 or 256")
        guard [128, 192, 256].contains(bits) else {
            throw .conflict("a key has 128, 192 or 256 bits, not \(bits)")
        }
        return Cipher(
            isEncryption: isEncryption, bits: bits,
            nonce: try operand(&arguments, "a nonce in base64, or a variable"),
            key: try operand(&arguments, "a key in base64, or a variable"))
    }

    private static func addedIfAny(_ arguments: inout ArgumentReader) throws(Refusal) -> ConverterOperand? {
        guard let word = arguments.takeIfAny() else { return nil }
        return (try? VariableName.variable(word)).map { .variable($0) } ?? .text(word.bytes)
    }

    private static func operand(
        _ arguments: inout ArgumentReader, _ expected: String
    ) throws(Refusal) -> ConverterOperand {
        let word = try arguments.take(expected)
        return (try? VariableName.variable(word)).map { .variable($0) } ?? .text(word.bytes)
    }
}
