import Engine
import Model

/// `show map`, `add acl` and their like. Maps and lists of ACLs are the same lists; each kind of command sees its own.
struct PatternCommands: Sendable {
    /// The lists as they are.
    let lists: @Sendable () -> [PatternAccess]

    var commands: [RuntimeCommand] { of(.map) + of(.acl) }

    private enum Kind: String {
        case map, acl

        var title: String { self == .map ? "map" : "ACL" }
    }

    private func of(_ kind: Kind) -> [RuntimeCommand] {
        let word = kind.rawValue
        let isMap = kind == .map
        return [
            RuntimeCommand(
                "show \(word)", isMap ? "[@ver] [map]" : "[@<ver>] <acl>]",
                isMap
                    ? "report available maps or dump a map's contents"
                    : "report available acls or dump an acl's contents", .user
            ) { show(kind, $0) },
            RuntimeCommand(
                "get \(word)", "<acl> <value>",
                isMap
                    ? "report the keys and values matching a sample for a map"
                    : "report the patterns matching a sample for an ACL", .user
            ) { get(kind, $0) },
            RuntimeCommand(
                "add \(word)", isMap ? "[@<ver>] <map> <key> <val>" : "[@<ver>] <acl> <pattern>",
                isMap ? "add a map entry (payload supported instead of key/val)" : "add an acl entry",
                .operator
            ) { add(kind, $0) },
            RuntimeCommand(
                "del \(word)", "<\(word)> [<key>|#<ref>]", "delete \(word) entries matching <key>", .operator
            ) { delete(kind, $0) },
            RuntimeCommand(
                "clear \(word)", "[@<ver>] <\(word)>", "clear the contents of this \(word)", .operator
            ) { clear(kind, $0) },
            RuntimeCommand(
                "prepare \(word)", "<acl>",
                "prepare a new version for atomic \(isMap ? "map" : "ACL") replacement", .operator
            ) { prepare(kind, $0) },
            RuntimeCommand(
                "commit \(word)", "@<ver> <\(word)>",
                "commit the \(isMap ? "map" : "ACL") at this version", .operator
            ) { commit(kind, $0) },
        ]
            + (isMap
                ? [
                    RuntimeCommand("set map", "<map> [<key>|#<ref>] <value>", "modify a map entry", .operator)
                    {
                        set($0)
                    }
                ] : [])
    }

    // MARK: Finding

    private func all(_ kind: Kind) -> [PatternAccess] {
        lists().filter { kind == .map ? $0.summary.isMap : $0.summary.isACL }
    }

    private func list(_ kind: Kind, _ word: String?) -> PatternAccess? {
        guard let word else { return nil }
        return all(kind).first { word.hasPrefix("#") ? "#\($0.summary.id)" == word : $0.summary.name == word }
    }

    private func unknown(_ kind: Kind) -> String {
        "Unknown \(kind.title) identifier. Please use #<id> or <file>.\n"
    }

    /// `@5` in front of a list.
    private func version(_ words: inout ArraySlice<String>) -> UInt32? {
        guard let first = words.first, first.hasPrefix("@"), let number = UInt32(first.dropFirst()) else {
            return nil
        }
        words = words.dropFirst()
        return number
    }

    private func told(_ refusal: PatternRefusal?, unknownKey: String) -> String {
        switch refusal {
        case nil: ""
        case .unknownKey: unknownKey
        case .unknownVersion: "Version number out of range.\n"
        case .unusable(let entry, let use):
            "unable to parse '\(PatternCommands.text(entry.pattern))"
                + "\(use.output == nil ? "" : " " + PatternCommands.text(entry.value))'.\n"
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Looking

    private func show(_ kind: Kind, _ call: RuntimeCall) -> String {
        var words = call.words[...]
        let version = version(&words)
        guard let name = words.first else { return overview(kind) }
        guard let list = list(kind, name) else { return unknown(kind) }
        return list.lines(of: version).map { line in
            let value = kind == .map ? " " + PatternCommands.text(line.entry.value) : ""
            return
                "\(PatternCommands.reference(line.id)) \(PatternCommands.text(line.entry.pattern))\(value)\n"
        }.joined()
    }

    private func overview(_ kind: Kind) -> String {
        "# id (file) description\n"
            + all(kind).map { list in
                let about = list.summary
                return "\(about.id) (\(about.name)) pattern loaded from file '\(about.name)'. "
                    + "curr_ver=\(about.version) next_ver=\(about.newest) entry_cnt=\(about.count)\n"
            }.joined()
    }

    /// As pointers look in HAProxy.
    private static func reference(_ id: UInt64) -> String { "0x" + String(id, radix: 16) }

    private func get(_ kind: Kind, _ call: RuntimeCall) -> String {
        guard call.words.count > 1 else { return "Missing \(kind.title) identifier and/or key.\n" }
        guard let list = list(kind, call.words[0]) else { return unknown(kind) }
        return list.found(for: Array(call.words[1].utf8)).map { line(kind, $0) }.joined()
    }

    private func line(_ kind: Kind, _ finding: PatternFinding) -> String {
        let use = finding.use
        let text = "type=\(use.method.name), case=\(use.ignoresCase ? "insensitive" : "sensitive")"
        let word = kind == .map ? "found" : "match"
        guard let entry = finding.entry else { return "\(text), \(word)=no\n" }
        let index = use.isIndexed ? "tree" : "list"
        let pattern = PatternCommands.text(entry.pattern)
        guard kind == .map else { return "\(text), match=yes, idx=\(index), pattern=\"\(pattern)\"\n" }
        guard let output = use.output else {
            return "\(text), found=yes, idx=\(index), key=\"\(pattern)\", value=none\n"
        }
        let value = PatternCommands.text(entry.value)
        let type =
            switch output {
            case .text: "str"
            case .number: "sint"
            case .address: value.contains(":") ? "ipv6" : "ipv4"
            }
        return "\(text), found=yes, idx=\(index), key=\"\(pattern)\", value=\"\(value)\", type=\"\(type)\"\n"
    }

    // MARK: Changing

    private func add(_ kind: Kind, _ call: RuntimeCall) -> String {
        var words = call.words[...]
        let version = version(&words)
        let usage =
            kind == .map
            ? "'add map' expects three parameters (map identifier, key and value) or one parameter "
                + "(map identifier) and a payload\n"
            : "'add acl' expects two parameters: ACL identifier and pattern.\n"
        guard let name = words.popFirst() else { return usage }
        let isComplete = kind == .map ? words.count >= 2 : words.count >= 1
        guard isComplete || kind == .map && call.payload != nil && words.isEmpty else { return usage }
        guard let list = list(kind, name) else { return unknown(kind) }
        if let version, version > list.summary.newest {
            return "Version number in the future, please use 'prepare \(kind.rawValue)' before.\n"
        }
        guard isComplete else { return add(call.payload ?? [], to: list, version) }
        let key = words.popFirst() ?? ""
        let value = kind == .map ? words.popFirst() ?? "" : ""
        let entry = PatternList.Entry(Array(key.utf8), Array(value.utf8))
        return told(list.add(entry, version), unknownKey: "")
    }

    /// A key and a value in each line.
    private func add(_ payload: [UInt8], to list: PatternAccess, _ version: UInt32?) -> String {
        for line in payload.split(separator: UInt8(ascii: "\n")) {
            let text = line.drop { $0 == 0x20 || $0 == 0x09 }
            let key = text.prefix { $0 != 0x20 && $0 != 0x09 }
            let value = text.dropFirst(key.count).drop { $0 == 0x20 || $0 == 0x09 }
            guard !key.isEmpty, !value.isEmpty else {
                return "Missing value for key '\(PatternCommands.text(Array(key)))'.\n"
            }
            let refusal = list.add(PatternList.Entry(Array(key), Array(value)), version)
            if refusal != nil { return told(refusal, unknownKey: "") }
        }
        return ""
    }

    private func set(_ call: RuntimeCall) -> String {
        guard call.words.count > 2 else {
            return "'set map' expects three parameters: map identifier, key and value.\n"
        }
        guard let list = list(.map, call.words[0]) else { return unknown(.map) }
        let value = Array(call.words[2].utf8)
        if let line = line(call.words[1]) {
            return told(list.set(line, value), unknownKey: "key or pattern not found.\n")
        }
        return told(list.set(Array(call.words[1].utf8), value), unknownKey: "entry not found.\n")
    }

    private func delete(_ kind: Kind, _ call: RuntimeCall) -> String {
        guard call.words.count > 1 else {
            return "This command expects two parameters: \(kind.title) identifier and key.\n"
        }
        guard let list = list(kind, call.words[0]) else { return unknown(kind) }
        if let line = line(call.words[1]) { return told(list.remove(line), unknownKey: "Key not found.\n") }
        return told(list.remove(Array(call.words[1].utf8)), unknownKey: "Key not found.\n")
    }

    /// `#0x5` is the line that `show` calls so.
    private func line(_ word: String) -> UInt64? {
        word.hasPrefix("#0x") ? UInt64(word.dropFirst(3), radix: 16) : nil
    }

    private func clear(_ kind: Kind, _ call: RuntimeCall) -> String {
        var words = call.words[...]
        let version = version(&words)
        guard let name = words.first else { return "Missing \(kind.title) identifier.\n" }
        guard let list = list(kind, name) else { return unknown(kind) }
        list.clear(version)
        return ""
    }

    private func prepare(_ kind: Kind, _ call: RuntimeCall) -> String {
        guard let list = list(kind, call.words.first) else { return unknown(kind) }
        return "New version created: \(list.prepare())\n"
    }

    private func commit(_ kind: Kind, _ call: RuntimeCall) -> String {
        var words = call.words[...]
        guard words.first?.hasPrefix("@") == true else { return "Missing version number.\n" }
        guard let version = version(&words) else { return "Version number out of range.\n" }
        guard let list = list(kind, words.first) else { return unknown(kind) }
        return told(list.commit(version), unknownKey: "")
    }
}

extension PatternUse {
    /// Whether a line is found by what it says, and not by trying one after the other.
    fileprivate var isIndexed: Bool {
        switch method {
        case .text(.exact), .text(.prefix): !ignoresCase
        case .address: true
        default: false
        }
    }
}
