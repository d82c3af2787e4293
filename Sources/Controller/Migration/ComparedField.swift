/// The fields of answers that two proxies never say alike, and what is compared of them. docs/taking-over.md has the same list.
public struct ComparedField: Sendable {
    /// In lower case.
    public let name: String
    /// What is compared.
    public let part: Part
    /// Why not all of it.
    public let reason: String

    /// What of a field is compared.
    public enum Part: String, Sendable {
        /// Nothing.
        case nothing
        /// Whether it is there.
        case presence
        /// Cookies' names and attributes.
        case cookies
        /// Whether it is there if it is weak, else all.
        case validator
    }

    /// By name; all others are compared as they are.
    public static let table: [ComparedField] = [
        ComparedField("age", .presence, "it counts seconds"),
        ComparedField("alt-svc", .nothing, "it is about the address that was asked"),
        ComparedField("connection", .nothing, "it is about the connection"),
        ComparedField("content-length", .nothing, "the body is compared instead"),
        ComparedField("date", .nothing, "it is the time"),
        ComparedField("etag", .validator, "a weak one may be made anew by each server"),
        ComparedField("expires", .presence, "it is a time"),
        ComparedField("keep-alive", .nothing, "it is about the connection"),
        ComparedField("server", .nothing, "it names the proxy"),
        ComparedField("set-cookie", .cookies, "values are drawn anew"),
        ComparedField("traceparent", .presence, "it is drawn anew"),
        ComparedField("transfer-encoding", .nothing, "it is about the connection"),
        ComparedField("x-request-id", .presence, "it is drawn anew"),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: table.map { ($0.name, $0) })

    private init(_ name: String, _ part: Part, _ reason: String) {
        (self.name, self.part, self.reason) = (name, part, reason)
    }

    /// What is compared of a field's values; nil: nothing.
    static func compared(_ name: String, _ values: [String]) -> String? {
        switch byName[name]?.part {
        case nil: values.joined(separator: ", ")
        case .nothing: nil
        case .presence: "present"
        case .cookies: values.map(cookie).sorted().joined(separator: ", ")
        case .validator:
            values.allSatisfy { $0.hasPrefix("W/") } ? "weak" : values.joined(separator: ", ")
        }
    }

    /// `name; httponly; path=/`: the value, and when it ends, are not compared.
    private static func cookie(_ text: String) -> String {
        var parts = text.split(separator: ";").map { part in
            String(part.drop { $0 == " " })
        }
        guard !parts.isEmpty else { return text }
        let name = parts.removeFirst().prefix { $0 != "=" }
        let attributes = parts.map { part in
            let word = part.prefix { $0 != "=" }.lowercased()
            return word == "expires" ? word : word + part.dropFirst(word.count)
        }
        return ([String(name)] + attributes.sorted()).joined(separator: "; ")
    }
}
