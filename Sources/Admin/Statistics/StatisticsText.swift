/// Lines of statistics as text.
enum StatisticsText {
    /// Comma-separated values with a line of names; each line ends with a comma, as HAProxy's do.
    static func csv(_ rows: [StatisticsRow]) -> String {
        var text = "# " + StatisticsColumn.allCases.map { "\($0.rawValue)," }.joined() + "\n"
        for row in rows {
            for value in row.values { text += (value.map { quoted($0.text) } ?? "") + "," }
            text += "\n"
        }
        return text
    }

    /// RFC 4180: what holds a separator stands in quotes.
    private static func quoted(_ text: String) -> String {
        let needsQuotes = text.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n")
                || $0 == UInt8(ascii: "\r")
        }
        guard needsQuotes else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }

    /// A line for each value that is there.
    static func typed(_ rows: [StatisticsRow]) -> String {
        let columns = StatisticsColumn.allCases
        return rows.map { row in
            let object = "\(row.kind.letter).\(row.proxyID).\(row.serviceID)"
            return zip(columns, row.values).map { column, value -> String in
                guard let value else { return "" }
                return
                    "\(object).\(column.place).\(column.rawValue).1:\(value.tags):\(value.type):\(value.text)\n"
            }.joined() + "\n"
        }.joined()
    }

    /// A list of lists, one for each row.
    static func json(_ rows: [StatisticsRow]) -> String {
        JSONValue.array(
            rows.map { row in
                .array(
                    zip(StatisticsColumn.allCases, row.values).compactMap { column, value in
                        value.map { json($0, of: column, row) }
                    })
            }
        ).rendered()
    }

    private static func json(_ value: StatisticsValue, of column: StatisticsColumn, _ row: StatisticsRow)
        -> JSONValue
    {
        let content: JSONValue =
            switch value.content {
            case .text(let text): .string(text)
            case .small(let number), .large(let number): .integer(Int64(clamping: number))
            case .signed(let number): .integer(number)
            }
        return .members([
            "objType": .string(row.kind.word), "proxyId": .integer(Int64(clamping: row.proxyID)),
            "id": .integer(Int64(clamping: row.serviceID)),
            "field": .members(["pos": .count(column.place), "name": .string(column.rawValue)]),
            "processNum": 1, "tags": ValueTags.json(value.tags),
            "value": .members(["type": .string(value.type), "value": content]),
        ])
    }
}

/// The letters of HAProxy's typed format in words.
enum ValueTags {
    static func json(_ letters: String) -> JSONValue {
        let tags = Array(letters)
        guard tags.count == 3 else { return .members([:]) }
        return .members([
            "origin": .optional(origins[tags[0]]), "nature": .optional(natures[tags[1]]),
            "scope": .optional(scopes[tags[2]]),
        ])
    }

    private static let origins: [Character: String] = [
        "M": "Metric", "S": "Status", "K": "Key", "C": "Config", "P": "Product",
    ]
    private static let natures: [Character: String] = [
        "G": "Gauge", "L": "Limit", "m": "Min", "M": "Max", "R": "Rate", "C": "Counter", "D": "Duration",
        "A": "Age", "T": "Time", "N": "Name", "O": "Output", "a": "Avg",
    ]
    private static let scopes: [Character: String] = ["P": "Process", "S": "Service"]
}
