/// A keyword: its name as it is written (`timeout client`) and what it does to what its line is about. It takes the words that
/// are its own; what it leaves is read as the next keyword, or refused.
struct Keyword<Target>: Sendable {
    let name: String
    let apply: @Sendable (inout LineReader, inout Target) throws(Refusal) -> Void

    /// A keyword that does something.
    init(
        _ name: String, _ apply: @escaping @Sendable (inout LineReader, inout Target) throws(Refusal) -> Void
    ) {
        self.name = name
        self.apply = apply
    }
}

/// A keyword of a proxy section. The sections it may stand in are HAProxy's, from `KnownKeywords`.
typealias Directive = Keyword<Proxy>

/// A keyword of `global`.
typealias GlobalDirective = Keyword<GlobalSettings>

/// A keyword behind the address of a `server` line, or in `default-server`.
typealias ServerKeyword = Keyword<ServerDraft>

/// A keyword behind the addresses of a `bind` line.
typealias BindKeyword = Keyword<BindDraft>

// MARK: Keywords that are accepted with one warning, as they change nothing here

extension Keyword {
    /// One that begins a line: with all that follows.
    private static func ignoredLine(_ name: String, _ why: String) -> Keyword {
        Keyword(name) { line, _ in
            line.ignore(name, why)
            line.skipRest()
        }
    }

    /// One within a line: with its `arguments`.
    private static func ignored(
        _ name: String, in line: String, arguments: Int, _ why: String
    ) -> Keyword {
        Keyword(name) { words, _ throws(Refusal) in
            words.ignore("\(line) … \(name)", why)
            for _ in 0..<arguments { _ = try words.take("the argument of '\(name)'") }
        }
    }
}

extension Keyword<Proxy> {
    static func ignored(_ name: String, _ why: String) -> Keyword { ignoredLine(name, why) }
}

extension Keyword<GlobalSettings> {
    static func ignored(_ name: String, _ why: String) -> Keyword { ignoredLine(name, why) }
}

extension Keyword<ServerDraft> {
    static func ignored(_ name: String, arguments: Int = 0, _ why: String) -> Keyword {
        ignored(name, in: "server", arguments: arguments, why)
    }
}

extension Keyword<BindDraft> {
    static func ignored(_ name: String, arguments: Int = 0, _ why: String) -> Keyword {
        ignored(name, in: "bind", arguments: arguments, why)
    }
}
