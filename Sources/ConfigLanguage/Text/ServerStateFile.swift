import Model

/// A file of `show servers state`, read as HAProxy reads it: lines that say something else than a state are told, and a file that is cut or
/// of another form is not used at all.
struct ServerStateFile {
    /// Its lines, in their order.
    private(set) var lines: [Line] = []
    /// What is wrong, by the line from 1.
    private(set) var problems: [(line: Int, sentence: String)] = []

    /// What a line says.
    struct Line: Equatable {
        let number: Int
        let backend: String
        /// The backend's number, and whether it was given to it.
        let (backendID, hasGivenID): (Int, Bool)
        let server: String
        let record: ServerStateRecord
    }

    init(_ bytes: [UInt8]) {
        let rows = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if let problem = ServerStateFile.problem(of: rows) {
            problems = [problem]
            return
        }
        for (number, row) in rows.enumerated().dropFirst() {
            let words = row.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                .map { String(decoding: $0, as: UTF8.self) }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard (20...25).contains(words.count) else {
                let sentence =
                    "this is no line about a server (\(words.count) words): nothing of the file is used"
                (lines, problems) = ([], [(number + 1, sentence)])
                return
            }
            read(words, number + 1)
        }
    }

    /// What is wrong with the whole file, and where.
    private static func problem(of rows: [ArraySlice<UInt8>]) -> (line: Int, sentence: String)? {
        if rows.allSatisfy(\.isEmpty) { return (1, "the file is empty") }
        if let last = rows.last, !last.isEmpty {
            return (rows.count, "the file ends in the middle of a line: nothing of it is used")
        }
        guard rows[0].elementsEqual("1".utf8) else {
            return (1, "this is no file of states: it begins with 1, the version of its form")
        }
        return nil
    }

    private mutating func read(_ words: [String], _ number: Int) {
        var fields = Fields(words)
        let record = ServerStateRecord(&fields)
        let isGiven = fields.number(15, "bk_f_forced_id", in: 0...1)
        fields.check(16, "srv_f_forced_id", in: 0...1)
        fields.check(11, "srv_check_result", in: 0...4)
        guard fields.faults.isEmpty else {
            let sentence =
                "the state of '\(words[1])/\(words[3])' is not used: \(fields.faults.joined(separator: ", "))"
            return problems.append((number, sentence))
        }
        lines.append(
            Line(
                number: number, backend: words[1], backendID: Int(words[0]) ?? 0, hasGivenID: isGiven == 1,
                server: words[3], record: record))
    }

    /// The words of a line, and what is wrong with them.
    fileprivate struct Fields {
        let words: [String]
        private(set) var faults: [String] = []

        init(_ words: [String]) { self.words = words }

        /// The number in a field; 0, and a fault, if it is none of these.
        mutating func number(_ place: Int, _ name: String, in range: ClosedRange<Int>) -> Int {
            guard let number = Int(words[place]), range.contains(number) else {
                fail(place, name)
                return 0
            }
            return number
        }

        mutating func check(_ place: Int, _ name: String, in range: ClosedRange<Int>) {
            _ = number(place, name, in: range)
        }

        mutating func fail(_ place: Int, _ name: String) { faults.append("\(name) is '\(words[place])'") }

        /// What stands in a field that lines of older versions do not have; nil is nothing.
        func text(_ place: Int) -> String? {
            place < words.count && words[place] != "-" ? words[place] : nil
        }

        /// The same of ports.
        mutating func port(_ place: Int, _ name: String) -> UInt16 {
            guard let text = text(place) else { return 0 }
            guard let port = UInt16(text) else {
                fail(place, name)
                return 0
            }
            return port
        }

        /// The same of addresses.
        mutating func address(_ place: Int, _ name: String) -> String? {
            guard let text = text(place) else { return nil }
            guard AddressSyntax.isAddress(text[...]) else {
                fail(place, name)
                return nil
            }
            return text
        }
    }
}

extension ServerStateRecord {
    /// The states that HAProxy takes: those that depend on others are found out anew.
    private static let known: Set<Administration> = [
        [], .maintenance, .disabled, [.disabled, .maintenance], [.disabled, .drain], .drain,
    ]

    /// The fields of a line; what is none of theirs is a fault.
    fileprivate init(_ fields: inout ServerStateFile.Fields) {
        self.init()
        operation = Operation(rawValue: fields.number(5, "srv_op_state", in: 0...3)) ?? .stopped
        administration = Administration(
            rawValue: fields.number(6, "srv_admin_state", in: 0...127))
        if !Self.known.contains(
            administration.subtracting([.followedMaintenance, .followedDrain, .withoutAddress, .renamed]))
        {
            fields.fail(6, "srv_admin_state")
        }
        weight = fields.number(7, "srv_uweight", in: 0...256)
        configuredWeight = fields.number(8, "srv_iweight", in: 0...256)
        seconds = fields.number(9, "srv_time_since_last_change", in: 0...Int(UInt32.max))
        checkStatus = fields.number(10, "srv_check_status", in: 0...20)
        checkLevel = fields.number(12, "srv_check_health", in: 0...Int(Int32.max))
        // 2 is configured, 4 enabled; others come and go.
        pausesCheck = fields.number(13, "srv_check_state", in: 0...31) & 6 == 2
        pausesAgent = fields.number(14, "srv_agent_state", in: 0...31) & 6 == 2
        address = fields.address(4, "srv_addr")
        name = fields.text(17)
        port = fields.port(18, "srv_port")
        checkPort = fields.port(21, "srv_check_port")
        checkAddress = fields.address(22, "srv_check_addr")
        agentAddress = fields.address(23, "srv_agent_addr")
        agentPort = fields.port(24, "srv_agent_port")
    }
}
