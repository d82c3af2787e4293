/// The arguments of one step of an expression, read one after the other, each with what is expected there.
struct ArgumentReader {
    let call: SampleCall
    /// Whether a text is a regular expression.
    let isPattern: @Sendable (String) -> Bool
    /// Whether a text is the name of a hash function.
    var isDigest: @Sendable (String) -> Bool = { _ in true }
    /// The section where it stands, whose table is meant where none is named.
    let section: String
    /// Where maps are; nil if there are no files.
    var patterns: PatternFileReader?
    /// The process's variables.
    var environment: [String: String] = [:]
    private var position = 0

    init(_ call: SampleCall, isPattern: @escaping @Sendable (String) -> Bool, in section: String = "") {
        self.section = section
        self.call = call
        self.isPattern = isPattern
    }

    /// The next argument if there is one and it is not empty.
    mutating func takeIfAny() -> Word? {
        defer { position += 1 }
        guard position < call.arguments.count, !call.arguments[position].bytes.isEmpty else { return nil }
        return call.arguments[position]
    }

    /// The next argument, which may be empty but must be there.
    mutating func takeAny(_ expected: String) throws(Refusal) -> Word {
        defer { position += 1 }
        guard position < call.arguments.count else { throw missing(expected) }
        return call.arguments[position]
    }

    /// The next argument.
    mutating func take(_ expected: String) throws(Refusal) -> Word {
        guard let word = takeIfAny() else { throw missing(expected) }
        return word
    }

    private func missing(_ expected: String) -> Refusal {
        .missing(expected: "\(expected), argument \(position) of '\(call.name)',")
    }

    /// A whole number if there is one.
    mutating func integerIfAny(_ expected: String = "a whole number") throws(Refusal) -> Int64? {
        guard let word = takeIfAny() else { return nil }
        guard let value = Int64(word.text) else { throw .invalid(word, expected: expected) }
        return value
    }

    /// A whole number within a range.
    mutating func integer(in range: ClosedRange<Int>, _ expected: String) throws(Refusal) -> Int {
        let word = try take(expected)
        guard let value = Int(word.text), range.contains(value) else {
            throw .invalid(word, expected: expected)
        }
        return value
    }

    /// The same if there is one.
    mutating func integerIfAny(in range: ClosedRange<Int>, _ expected: String) throws(Refusal) -> Int? {
        guard position < call.arguments.count, !call.arguments[position].bytes.isEmpty else {
            position += 1
            return nil
        }
        return try integer(in: range, expected)
    }

    /// One byte if there is one.
    mutating func byteIfAny() throws(Refusal) -> UInt8? {
        guard let word = takeIfAny() else { return nil }
        guard word.bytes.count == 1 else { throw .invalid(word, expected: "a single byte") }
        return word.bytes[0]
    }

    /// Where maps are read.
    func patternFiles() throws(Refusal) -> PatternFileReader {
        guard let patterns else { throw .conflict("'\(call.name)' is not possible here: there are no files") }
        return patterns
    }

    /// `1` for yes, `0` or nothing for no.
    mutating func flag() throws(Refusal) -> Bool { try integerIfAny() ?? 0 != 0 }

    /// What has a key or a password among its arguments, which may hold the comma that was read as an end.
    private static let withSecrets: Set = [
        "aes_cbc_dec", "aes_cbc_enc", "aes_gcm_dec", "aes_gcm_enc", "hmac", "jwt_verify",
    ]

    /// Nothing may be left.
    func end() throws(Refusal) {
        guard position < call.arguments.count else { return }
        guard !ArgumentReader.withSecrets.contains(call.name) else {
            throw .conflict("'\(call.name)' has an argument too many; one with a comma needs quotes")
        }
        throw .unexpected(call.arguments[position])
    }
}
