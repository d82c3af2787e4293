/// Commands of HAProxy's that are not here, and what is missing for them.
enum AbsentCommands {
    private static let reasons: [(words: String, reason: String)] = [
        ("set profiling", "nothing is profiled"),
        ("show events", "there are no sinks of events"),
        ("show trace", "nothing is traced"),
        ("trace", "nothing is traced"),
        ("show schema json", "the schema is not kept"),
        ("update ssl ocsp-response", "nobody asks for responses of OCSP"),
        ("show ssl ocsp-updates", "nobody asks for responses of OCSP"),
        ("set dynamic-cookie-key", "keys of cookies come from the file"),
        ("enable dynamic-cookie", "cookies come from the file"),
        ("disable dynamic-cookie", "cookies come from the file"),
        ("set severity-output", "answers have no severities"),
        ("dump stats-file", "statistics are not written to files"),
    ]

    /// What there is to say of a line; nil if it is none of these.
    static func sentence(of line: [String]) -> String? {
        for (text, reason) in reasons {
            let words = text.split(separator: " ").map(String.init)
            if line.starts(with: words) { return "'\(text)' is not here: \(reason).\n" }
        }
        return nil
    }
}
