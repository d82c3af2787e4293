import Engine
import Model

/// `show table`, `set table` and `clear table`.
struct TableCommands: Sendable {
    /// The tables as they are.
    let tables: @Sendable () -> [TableAccess]

    /// The most entries of one answer.
    private static let most = 1_000_000

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show table", "<table> [<filter>]*",
                "report table usage stats or dump this table's contents (filter: data/key)", .user
            ) { show($0) },
            RuntimeCommand(
                "set table", "<table> key <k> [data.* <v>]*", "update or create a table entry's data",
                .operator
            ) { set($0) },
            RuntimeCommand(
                "clear table", "<table> [<filter>]*", "remove an entry from a table (filter: data/key)",
                .operator
            ) { clear($0) },
        ]
    }

    // MARK: Answers

    private func show(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return tables().map { TableCommands.head($0) }.joined() }
        guard let table = table(name) else { return "No such table\n" }
        return chosen(table, call.words.dropFirst()) { entries, isOfKey in
            if isOfKey, entries.isEmpty { return "" }
            return TableCommands.head(table) + entries.map { TableCommands.line($0) }.joined()
        }
    }

    private func clear(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "\"table\" argument is missing\n" }
        guard let table = table(name) else { return "No such table\n" }
        return chosen(table, call.words.dropFirst()) { entries, isOfKey in
            let held = entries.filter { !table.remove($0.key) }
            return isOfKey && !held.isEmpty ? "Entry currently in use, cannot remove\n" : ""
        }
    }

    private func set(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "\"table\" argument is missing\n" }
        guard let table = table(name) else { return "No such table\n" }
        var words = call.words.dropFirst()
        guard words.popFirst() == "key", let key = words.popFirst() else { return "Key value expected\n" }
        guard table.isKey(key) else { return "Invalid key\n" }
        var values: [(kind: StoredData.Kind, index: Int, number: UInt64)] = []
        while let word = words.popFirst() {
            guard word.hasPrefix("data.") else { return "\"data.<type>\" followed by a value expected\n" }
            switch TableCommands.data(word, of: table) {
            case .unknown: return "Unknown data type\n"
            case .notStored: return "Data type not stored in this table\n"
            case .stored(let data, let index):
                guard let text = words.popFirst(), let number = UInt64(text) else {
                    return "Require a valid integer value to store\n"
                }
                guard !data.kind.isRate else { return "Data type can not be set\n" }
                values.append((data.kind, index, number))
            }
        }
        return table.set(key, to: values) ? "" : "Unable to allocate a new entry\n"
    }

    private func table(_ name: String) -> TableAccess? { tables().first { $0.name.description == name } }

    // MARK: Filters

    /// What stands behind a table's name: a key, questions about data, or nothing.
    private func chosen(
        _ table: TableAccess, _ words: ArraySlice<String>, _ body: ([TableAccess.Entry], Bool) -> String
    ) -> String {
        guard let first = words.first else { return body(table.entries(most: TableCommands.most), false) }
        if first == "key" {
            guard let key = words.dropFirst().first else { return "Key value expected\n" }
            guard table.isKey(key) else { return "Invalid key\n" }
            return body([table.entry(key)].compactMap { $0 }, true)
        }
        guard first.hasPrefix("data.") else {
            return "Optional argument only supports \"data.<store_data_type>\" and key <key>\n"
        }
        var (filters, rest): ([Filter], ArraySlice<String>) = ([], words)
        while let word = rest.popFirst() {
            switch Filter.read(word, &rest, of: table, number: filters.count + 1) {
            case .refused(let sentence): return sentence
            case .filter(let filter): filters.append(filter)
            }
        }
        return body(
            table.entries(most: TableCommands.most).filter { entry in
                filters.allSatisfy { $0.holds(for: entry) }
            }, false)
    }

    private enum Named {
        case unknown, notStored
        case stored(StoredData, index: Int)
    }

    /// `data.gpc0`, or `data.gpc[2]` of arrays.
    private static func data(_ word: String, of table: TableAccess) -> Named {
        let parts = word.dropFirst("data.".count).split(separator: "[", maxSplits: 1)
        guard let name = parts.first, let kind = StoredData.Kind(rawValue: String(name)) else {
            return .unknown
        }
        let index = parts.count == 2 ? Int(parts[1].dropLast()) ?? -1 : 0
        guard let data = table.model.stored.first(where: { $0.kind == kind }),
            (0..<(kind.isArray ? data.count : 1)).contains(index)
        else { return .notStored }
        return .stored(data, index: index)
    }

    private struct Filter {
        let data: StoredData
        let index: Int
        let comparison: String
        let number: UInt64

        enum Reading {
            case filter(Filter)
            case refused(String)
        }

        static func read(
            _ word: String, _ rest: inout ArraySlice<String>, of table: TableAccess, number: Int
        ) -> Reading {
            let place = "Filter entry #\(number): "
            guard word.hasPrefix("data.") else {
                return .refused(place + "Expected data.<store_data_type>\n")
            }
            switch TableCommands.data(word, of: table) {
            case .unknown: return .refused(place + "Unknown data type\n")
            case .notStored: return .refused(place + "Data type not stored in this table\n")
            case .stored(let data, let index):
                let comparison = rest.popFirst() ?? ""
                guard ["eq", "ne", "le", "ge", "lt", "gt"].contains(comparison) else {
                    return .refused(
                        place + "Require and operator among \"eq\", \"ne\", \"le\", \"ge\", \"lt\", \"gt\"\n")
                }
                guard let value = rest.popFirst().flatMap({ UInt64($0) }) else {
                    return .refused(place + "Require a valid integer value to compare against\n")
                }
                return .filter(Filter(data: data, index: index, comparison: comparison, number: value))
            }
        }

        func holds(for entry: TableAccess.Entry) -> Bool {
            guard let value = entry.values.first(where: { $0.data == data })?.numbers[index] else {
                return false
            }
            return switch comparison {
            case "eq": value == number
            case "ne": value != number
            case "le": value <= number
            case "ge": value >= number
            case "lt": value < number
            default: value > number
            }
        }
    }

    // MARK: Text

    private static func head(_ table: TableAccess) -> String {
        "# table: \(table.name), type: \(table.model.type.word), size:\(table.model.size), used:\(table.used)\n"
    }

    private static func line(_ entry: TableAccess.Entry) -> String {
        let values = entry.values.filter { $0.data.kind != .serverKey }.map { value -> String in
            let name = value.data.kind.rawValue
            let period = value.data.kind.isRate ? "(\(value.data.period))" : ""
            guard value.data.kind.isArray else { return " \(name)\(period)=\(value.numbers[0])" }
            return value.numbers.enumerated().map { " \(name)[\($0.offset)]\(period)=\($0.element)" }.joined()
        }.joined()
        return
            "0x\(String(entry.id, radix: 16)): key=\(entry.key) use=\(entry.uses) exp=\(entry.expiresIn)\(values)\n"
    }
}

extension TableKeyType {
    /// HAProxy's name of it.
    var word: String {
        switch self {
        case .ip: "ip"
        case .ipv6: "ipv6"
        case .integer: "integer"
        case .string: "string"
        case .binary: "binary"
        }
    }
}
