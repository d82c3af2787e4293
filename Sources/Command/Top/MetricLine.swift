/// One line of metrics in Prometheus' text format.
struct MetricLine: Equatable {
    let name: String
    let labels: [String: String]
    let value: Double

    /// Nil for comments, and for what is no such line.
    init?(_ line: Substring) {
        guard let first = line.utf8.first, first != UInt8(ascii: "#") else { return nil }
        var rest = line
        name = String(rest.prefix { $0 != "{" && $0 != " " })
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                guard let (key, value) = MetricLine.label(&rest) else { return nil }
                labels[key] = value
                if rest.first == "," { rest.removeFirst() }
            }
            rest.removeFirst()
        }
        self.labels = labels
        let words = rest.split(separator: " ")
        guard !name.isEmpty, let text = words.first else { return nil }
        guard let value = text == "+Inf" ? .infinity : Double(text) else { return nil }
        self.value = value
    }

    /// `name="value"`; in values a backslash stands before quotation marks, itself and `n`.
    private static func label(_ rest: inout Substring) -> (String, String)? {
        let key = rest.prefix { $0 != "=" }
        rest = rest.dropFirst(key.count + 1)
        guard !key.isEmpty, rest.first == "\"" else { return nil }
        rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            if character == "\"" { return (String(key), value) }
            guard character == "\\" else {
                value.append(character)
                continue
            }
            guard let next = rest.popFirst() else { return nil }
            value.append(next == "n" ? "\n" : next)
        }
        return nil
    }
}
