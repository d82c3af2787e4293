/// Writes families in Prometheus' text format, version 0.0.4.
public enum MetricsText {
    /// The Content-Type of the format.
    public static let type = "text/plain; version=0.0.4; charset=utf-8"

    /// The families one after the other; a family without samples is left out.
    public static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families where !family.samples.isEmpty {
            text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples { append(sample, of: family.name, to: &text) }
        }
        return text
    }

    private static func append(_ sample: MetricFamily.Sample, of name: String, to text: inout String) {
        text += name
        text += sample.suffix
        for (i, label) in sample.labels.enumerated() {
            text += i == 0 ? "{" : ","
            text += label.name
            text += "=\""
            text += escaped(label.value, quotes: true)
            text += "\""
        }
        if !sample.labels.isEmpty { text += "}" }
        text += " \(number(sample.value))\n"
    }

    /// A number as the format spells it; whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
