import Model

/// What may stand behind the first step of an expression.
enum ConverterTable {
    typealias Reader = @Sendable (inout ArgumentReader) throws(Refusal) -> Converter

    /// By name.
    static let byName: [String: Reader] = Dictionary(
        texts + hashes + numbers + variables + CounterSamples.converters + MapSamples.converters
            + TokenSamples.converters + FormatSamples.converters + ForwardedSamples.converters
    ) { _, last in last }

    private static let texts: [(String, Reader)] = [
        ("lower", { _ in .lower }),
        ("upper", { _ in .upper }),
        ("length", { _ in .length }),
        ("field", { arguments throws(Refusal) in try part(&arguments, isJoined: false) }),
        ("word", { arguments throws(Refusal) in try part(&arguments, isJoined: true) }),
        (
            "bytes",
            { arguments throws(Refusal) in
                let offset = try arguments.integer(in: 0...1_048_576, "a number of bytes")
                let count = try arguments.integerIfAny(in: 0...1_048_576, "a number of bytes")
                return .bytes(offset: offset, count: count)
            }
        ),
        ("ltrim", { arguments in .trim(bytes: arguments.takeIfAny()?.bytes ?? [], isLeft: true) }),
        ("rtrim", { arguments in .trim(bytes: arguments.takeIfAny()?.bytes ?? [], isLeft: false) }),
        ("concat", { arguments throws(Refusal) in try concat(&arguments) }),
        ("regsub", { arguments throws(Refusal) in .regexReplace(try replacement(&arguments)) }),
        ("url_dec", { arguments throws(Refusal) in .decodeURL(isForm: try arguments.flag()) }),
        (
            "url_enc",
            { arguments throws(Refusal) in
                if let word = arguments.takeIfAny(), word.text != "query" {
                    throw .invalid(word, expected: "query")
                }
                return .encodeURL
            }
        ),
        (
            "json",
            { arguments throws(Refusal) in
                guard let word = arguments.takeIfAny() else { return .json(.ascii) }
                guard let input = JSONInput(rawValue: word.text) else {
                    throw .invalid(word, expected: "ascii, utf8, utf8s, utf8p or utf8ps")
                }
                return .json(input)
            }
        ),
        ("host_only", { _ in .hostOnly }),
        ("port_only", { _ in .portOnly }),
        ("hex", { _ in .hex }),
        ("hex2i", { _ in .fromHex }),
        ("base64", { _ in .base64(isURL: false) }),
        ("b64dec", { _ in .fromBase64(isURL: false) }),
        ("ub64enc", { _ in .base64(isURL: true) }),
        ("ub64dec", { _ in .fromBase64(isURL: true) }),
        (
            "iif",
            { arguments throws(Refusal) in
                let whenTrue = try arguments.takeAny("a text for true").bytes
                return .choose(
                    whenTrue: whenTrue, whenFalse: try arguments.takeAny("a text for false").bytes)
            }
        ),
    ]

    private static let hashes: [(String, Reader)] = [
        ("crc32", { arguments throws(Refusal) in try hash(.crc32, &arguments) }),
        ("djb2", { arguments throws(Refusal) in try hash(.djb2, &arguments) }),
        ("sdbm", { arguments throws(Refusal) in try hash(.sdbm, &arguments) }),
        ("wt6", { arguments throws(Refusal) in try hash(.wt6, &arguments) }),
        ("crc32c", { arguments throws(Refusal) in .hash(.castagnoli(hasAvalanche: try arguments.flag())) }),
        (
            "xxh32",
            { arguments throws(Refusal) in
                .hash(.xxh32(seed: UInt32(truncatingIfNeeded: try arguments.integerIfAny() ?? 0)))
            }
        ),
        (
            "xxh64",
            { arguments throws(Refusal) in
                .hash(.xxh64(seed: UInt64(bitPattern: try arguments.integerIfAny() ?? 0)))
            }
        ),
        (
            "xxh3",
            { arguments throws(Refusal) in
                .hash(.xxh3(seed: UInt64(bitPattern: try arguments.integerIfAny() ?? 0)))
            }
        ),
    ]

    private static let numbers: [(String, Reader)] = [
        ("add", { arguments throws(Refusal) in try arithmetic(.add, &arguments) }),
        ("sub", { arguments throws(Refusal) in try arithmetic(.sub, &arguments) }),
        ("mul", { arguments throws(Refusal) in try arithmetic(.mul, &arguments) }),
        ("div", { arguments throws(Refusal) in try arithmetic(.div, &arguments) }),
        ("mod", { arguments throws(Refusal) in try arithmetic(.mod, &arguments) }),
        ("and", { arguments throws(Refusal) in try arithmetic(.and, &arguments) }),
        ("or", { arguments throws(Refusal) in try arithmetic(.or, &arguments) }),
        ("xor", { arguments throws(Refusal) in try arithmetic(.xor, &arguments) }),
        ("neg", { _ in .negate }),
        ("cpl", { _ in .complement }),
        ("x509_v_err_str", { _ in .verificationError }),
        ("even", { _ in .isEven }),
        ("odd", { _ in .isOdd }),
        ("bool", { _ in .truth }),
        ("not", { _ in .isZero }),
        ("ipmask", { arguments throws(Refusal) in try mask(&arguments) }),
        ("ltime", { arguments throws(Refusal) in try time(&arguments, isLocal: true) }),
        ("utime", { arguments throws(Refusal) in try time(&arguments, isLocal: false) }),
    ]

    private static let variables: [(String, Reader)] = [
        (
            "set-var",
            { arguments throws(Refusal) in
                .setVariable(try arguments.variable(), try arguments.variableConditions())
            }
        ),
        (
            "capture-req",
            { arguments throws(Refusal) in
                .capture(
                    slot: try arguments.integer(in: 0...65_535, "the number of a capture"), isAnswer: false)
            }
        ),
        (
            "capture-res",
            { arguments throws(Refusal) in
                .capture(
                    slot: try arguments.integer(in: 0...65_535, "the number of a capture"), isAnswer: true)
            }
        ),
        ("unset-var", { arguments throws(Refusal) in .unsetVariable(try arguments.variable()) }),
        ("strcmp", { arguments throws(Refusal) in .compare(try arguments.variable()) }),
    ]

    private static func part(_ arguments: inout ArgumentReader, isJoined: Bool) throws(Refusal) -> Converter {
        let expected = "a number of at least 1, or of at most -1 to count from the end"
        let word = try arguments.take(expected)
        guard let number = Int32(word.text), number != 0 else { throw .invalid(word, expected: expected) }
        let delimiters = try arguments.take("the bytes that separate").bytes
        let count = try arguments.integerIfAny(in: 0...1_048_576, "a number of parts, or 0 for all") ?? 1
        return .part(number: Int(number), delimiters: delimiters, count: count, joined: isJoined)
    }

    private static func concat(_ arguments: inout ArgumentReader) throws(Refusal) -> Converter {
        let front = arguments.takeIfAny()?.bytes ?? []
        let middle = try arguments.variableIfAny()
        return .concat(front, middle, arguments.takeIfAny()?.bytes ?? [])
    }

    private static func replacement(_ arguments: inout ArgumentReader) throws(Refusal) -> RegexReplacement {
        let pattern = try arguments.take("a regular expression")
        let replacement = try arguments.takeAny("a replacement")
        let flags = arguments.takeIfAny()
        if let flags, !flags.bytes.allSatisfy("gi".utf8.contains) {
            throw .invalid(flags, expected: "g for all, i for letters without case")
        }
        guard arguments.isPattern(pattern.text) else {
            throw .invalid(pattern, expected: "a regular expression")
        }
        return RegexReplacement(
            pattern.text, by: replacement.bytes, isGlobal: flags?.text.contains("g") == true,
            ignoresCase: flags?.text.contains("i") == true)
    }

    private static func hash(_ function: HashFunction, _ arguments: inout ArgumentReader) throws(Refusal)
        -> Converter
    {
        .hash(.function(function, hasAvalanche: try arguments.flag()))
    }

    private static func arithmetic(_ operation: Arithmetic, _ arguments: inout ArgumentReader) throws(Refusal)
        -> Converter
    {
        let word = try arguments.take("a whole number")
        guard let operand = Int64(word.text) else {
            guard word.text.contains(".") else {
                throw .invalid(word, expected: "a whole number, or a variable such as txn.name")
            }
            return .variableArithmetic(operation, try VariableName.variable(word))
        }
        return .arithmetic(operation, operand)
    }

    private static func time(_ arguments: inout ArgumentReader, isLocal: Bool) throws(Refusal) -> Converter {
        let format = try arguments.take("a format such as %Y-%m-%d")
        return .time(format: format.text, offset: try arguments.integerIfAny() ?? 0, isLocal: isLocal)
    }

    private static func mask(_ arguments: inout ArgumentReader) throws(Refusal) -> Converter {
        let expected = "a prefix of 0 to 32, or a mask such as 255.255.0.0"
        let word = try arguments.take(expected)
        guard let v4 = AddressSyntax.mask(word.text) else { throw .invalid(word, expected: expected) }
        return .mask(v4: v4, v6: try arguments.integerIfAny(in: 0...128, "a prefix of 0 to 128"))
    }
}
