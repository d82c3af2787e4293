import CSystem

/// What a name server has answered, read as far as it is about the question.
public struct NameAnswer: Sendable, Equatable {
    /// What came of it.
    public let outcome: Outcome
    /// The records of the answer, each once, in their order.
    public private(set) var records: [Record] = []

    /// What came of a question.
    public enum Outcome: Sendable, Equatable {
        /// There are records; perhaps none of the wanted type.
        case found
        /// There is no such name.
        case absent
        /// The name server does not say.
        case refused
        /// The name exists, and nothing of the type.
        case empty
        /// The answer was too large for a datagram.
        case truncated
        /// Names do not lead from one to the next.
        case brokenAlias
        /// It is no answer to the question.
        case invalid
        /// The name server failed.
        case failed
    }

    /// A record that was asked for.
    public struct Record: Sendable, Equatable {
        /// The address; of a service's record that of its host, if the answer had it too.
        public var address: SocketAddress?
        /// A service's host, lower case; empty for addresses.
        public var target = ""
        /// A service's port.
        public var port: UInt16 = 0
        /// A service's weight, 0-65535.
        public var weight: UInt16 = 0

        /// An address.
        public init(_ address: SocketAddress) { self.address = address }

        /// A place of a service.
        public init(target: String, port: UInt16, weight: UInt16, address: SocketAddress? = nil) {
            (self.target, self.port, self.weight, self.address) = (target, port, weight, address)
        }
    }

    /// The type of a record that says another name of a name.
    private static let alias: UInt16 = 5
    /// Records of an answer are so many at most.
    private static let most = 1_024

    /// An answer from its parts.
    public init(_ outcome: Outcome, _ records: [Record] = []) {
        (self.outcome, self.records) = (outcome, records)
    }

    /// The number of the question that a message answers; nil if it is too short for one.
    public static func id(of message: [UInt8]) -> UInt16? {
        message.count >= 2 ? UInt16(message[0]) << 8 | UInt16(message[1]) : nil
    }

    /// Reads a message as the answer to a question. Total.
    public init(_ message: [UInt8], to question: NameQuestion) {
        var head = csystem_dns_head()
        guard csystem_dns_read_head(message, message.count, &head) != 0, head.is_answer != 0,
            head.id == question.id
        else {
            self.init(.invalid)
            return
        }
        if let outcome = NameAnswer.failure(head, question) {
            self.init(outcome)
            return
        }
        let answers = NameAnswer.read(message, additional: false, count: Int(head.answers))
        guard let answers else {
            self.init(.invalid)
            return
        }
        guard question.type != .service else {
            let additional = NameAnswer.read(message, additional: true, count: Int(head.additional)) ?? []
            self.init(.found, NameAnswer.places(answers, additional))
            return
        }
        self = NameAnswer.addresses(answers, of: question.name)
    }

    /// What the head says is wrong; nil if nothing is.
    private static func failure(_ head: csystem_dns_head, _ question: NameQuestion) -> Outcome? {
        var head = head
        switch head.code {
        case 0: break
        case 3: return .absent
        case 5: return .refused
        default: return .failed
        }
        guard head.questions == 1 else { return .invalid }
        guard head.answers > 0 else { return .empty }
        guard text(&head.question) == question.name, head.question_type == question.type.rawValue,
            head.answers <= most
        else { return .invalid }
        // What services' records a truncated answer has are whole.
        return head.is_truncated != 0 && question.type != .service ? .truncated : nil
    }

    private static func read(_ message: [UInt8], additional: Bool, count: Int) -> [csystem_dns_record]? {
        var records = [csystem_dns_record](repeating: csystem_dns_record(), count: min(count, most))
        let read = csystem_dns_read_records(
            message, message.count, additional ? 1 : 0, &records, Int32(records.count))
        return read < 0 ? nil : Array(records.prefix(Int(read)))
    }

    /// Aliases lead to the next record's name.
    private static func addresses(_ records: [csystem_dns_record], of name: String) -> NameAnswer {
        var wanted = name
        var found: [Record] = []
        for (place, record) in records.enumerated() {
            var record = record
            guard text(&record.owner) == wanted else {
                return NameAnswer(place == 0 ? .invalid : .brokenAlias)
            }
            if record.type == alias {
                wanted = text(&record.target)
            } else if let address = address(of: record), !found.contains(Record(address)) {
                found.append(Record(address))
            }
        }
        return NameAnswer(.found, found)
    }

    private static func places(
        _ records: [csystem_dns_record], _ additional: [csystem_dns_record]
    ) -> [Record] {
        var addresses: [String: SocketAddress] = [:]
        for record in additional {
            var record = record
            guard let address = address(of: record) else { continue }
            let owner = text(&record.owner)
            addresses[owner] = addresses[owner] ?? address
        }
        var places: [Record] = []
        for record in records {
            var record = record
            let target = text(&record.target)
            guard record.type == NameQuestion.RecordType.service.rawValue, NameQuestion.isName(target),
                !places.contains(where: { $0.target == target && $0.port == record.port })
            else { continue }
            places.append(
                Record(
                    target: target, port: record.port, weight: record.weight, address: addresses[target]))
        }
        return places
    }

    private static func address(of record: csystem_dns_record) -> SocketAddress? {
        var record = record
        let bytes = withUnsafeBytes(of: &record.address) { Array($0) }
        switch NameQuestion.RecordType(rawValue: record.type) {
        case .ipv4: return SocketAddress(v4: bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        case .ipv6: return SocketAddress(v6: bytes.reduce(0) { $0 << 8 | UInt128($1) })
        case .service, nil: return nil
        }
    }

    /// The characters up to the first zero, in lower case.
    private static func text<Characters>(_ characters: inout Characters) -> String {
        withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            .lowercased()
    }
}
