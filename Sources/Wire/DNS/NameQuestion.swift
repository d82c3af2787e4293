/// What a name server is asked, as it is sent: RFC 1035 4.1, with the size of answers that are taken (RFC 6891).
public struct NameQuestion: Sendable, Equatable {
    /// Which question it is an answer to, answers say.
    public var id: UInt16
    /// Lower case, without a dot at the end.
    public var name: String
    /// What is wanted.
    public var type: RecordType

    /// What may be wanted of a name, by its number in messages.
    public enum RecordType: UInt16, Sendable {
        case ipv4 = 1
        case ipv6 = 28
        /// Hosts and ports of a service.
        case service = 33
    }

    /// A question from its parts.
    public init(id: UInt16, name: String, type: RecordType) {
        self.id = id
        self.name = name
        self.type = type
    }

    /// Whether a name can be asked for: labels of 1 to 63 bytes, 253 in all.
    public static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 253
            && name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
                (1...63).contains($0.count)
            }
    }

    /// A name as it is asked for: lower case, without a dot at the end; nil if there can be none of it.
    public static func name(_ text: String) -> String? {
        let name = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard isName(name), name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return name.lowercased()
    }

    /// The message; empty if there can be no such name. `answerSize` is the largest answer that is taken.
    public func message(answerSize: Int) -> [UInt8] {
        guard NameQuestion.isName(name) else { return [] }
        func bytes(_ number: UInt16) -> [UInt8] {
            [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
        }
        // Recursion is wanted; one question, and what is said of sizes.
        var message = bytes(id) + [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
        for label in name.utf8.split(separator: UInt8(ascii: ".")) { message += [UInt8(label.count)] + label }
        message += [0] + bytes(type.rawValue) + [0, 1]
        return message + [0, 0, 41] + bytes(UInt16(clamping: answerSize)) + [0, 0, 0, 0, 0, 0]
    }
}
