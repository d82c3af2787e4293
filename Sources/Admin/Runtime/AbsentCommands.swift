/// Commands of HAProxy's that are not here, and what is missing for them.
enum AbsentCommands {
    private static let reasons: [(words: String, reason: String)] = [
        ("add ssl crt-list", "lists of certificates are not changed at run time"),
        ("del ssl crt-list", "lists of certificates are not changed at run time"),
        ("show ssl crt-list", "lists of certificates are not kept once they are read"),
        ("add server", "servers come from the file"),
        ("del server", "servers come from the file"),
        ("add backend", "backends come from the file"),
        ("del backend", "backends come from the file"),
        ("show pools", "memory is not kept in pools that are counted"),
        ("show fd", "descriptors are not told of"),
        ("show threads", "there is nothing to tell of threads"),
        ("show tasks", "there are no tasks"),
        ("show profiling", "nothing is profiled"),
        ("set profiling", "nothing is profiled"),
        ("show startup-logs", "what was said at the start stands on stderr"),
        ("show events", "there are no sinks of events"),
        ("show trace", "nothing is traced"),
        ("trace", "nothing is traced"),
        ("show resolvers", "there are no resolvers"),
        ("show peers", "there are no peers"),
        ("show schema json", "the schema is not kept"),
        ("show tls-keys", "keys of tickets are not told"),
        ("set ssl tls-key", "keys of tickets are made here"),
        ("set ssl ocsp-response", "responses of OCSP come from files"),
        ("show ssl ocsp-response", "responses of OCSP come from files"),
        ("set ssl ca-file", "authorities come from files"),
        ("set ssl crl-file", "lists of revocations come from files"),
        ("set rate-limit", "the process has no rates that are limited"),
        ("set dynamic-cookie-key", "keys of cookies come from the file"),
        ("enable dynamic-cookie", "cookies come from the file"),
        ("disable dynamic-cookie", "cookies come from the file"),
        ("set severity-output", "answers have no severities"),
        ("set timeout cli", "'stats timeout' of the file is the limit"),
        ("dump stats-file", "statistics are not written to files"),
        ("wait", "answers do not wait"),
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
