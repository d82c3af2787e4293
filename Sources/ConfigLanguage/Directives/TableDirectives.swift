import Model

/// `stick-table`.
enum TableDirectives {
    static let table = [
        Directive("stick-table") { line, proxy throws(Refusal) in
            do throws(Refusal) {
                proxy.stickTable = try settings(&line)
            } catch {
                proxy.hasRefusedTable = true
                throw error
            }
        }
    ]

    private static let expected = "type, size, expire, nopurge, srvkey, peers or store"

    /// What stands behind `stick-table`, and behind the name of a table of peers.
    static func settings(_ line: inout LineReader) throws(Refusal) -> StickTable {
        var (type, size): (TableKeyType?, Int?) = (nil, nil)
        var table = StickTable(type: .ip, size: 0)
        while let word = line.takeIfAny() {
            switch word.text {
            case "type": type = try keyType(&line)
            case "size": size = try line.size()
            case "expire": table.expire = try line.time()
            case "nopurge": table.keepsEntries = true
            case "srvkey": table.serverKey = try line.choice(["name": .name, "addr": TableServerKey.address])
            case "store": try store(try line.take("what entries hold"), &table, &line)
            case "peers": table.peers = try line.take("the name of a peers section").text
            case "write-to": throw .unsupported("stick-table … \(word.text)", instead: nil)
            case "recv-only", "brates-factor": throw .unsupported("stick-table … \(word.text)", instead: nil)
            default: throw .invalid(word, expected: expected)
            }
        }
        guard let type else { throw .missing(expected: "'type'") }
        guard let size else { throw .missing(expected: "'size'") }
        (table.type, table.size) = (type, size)
        if let flaw = table.flaw { throw .conflict(sentence(flaw)) }
        return table
    }

    private static func keyType(_ line: inout LineReader) throws(Refusal) -> TableKeyType {
        let word = try line.take("ip, ipv6, integer, string or binary")
        switch word.text {
        case "ip", "ipv4": return .ip
        case "ipv6": return .ipv6
        case "integer": return .integer
        // One byte of HAProxy's 32 is the end of the text.
        case "string": return .string(length: try length(&line) ?? 31)
        case "binary": return .binary(length: try length(&line) ?? 32)
        default: throw .invalid(word, expected: "ip, ipv6, integer, string or binary")
        }
    }

    private static func length(_ line: inout LineReader) throws(Refusal) -> Int? {
        guard line.takes("len") else { return nil }
        return try line.number(in: 1...StickTable.longestKey, "a length from 1 to \(StickTable.longestKey)")
    }

    private static func store(_ word: Word, _ table: inout StickTable, _ line: inout LineReader)
        throws(Refusal)
    {
        for text in list(word.text) {
            let data = try data(text, word)
            if table.stored.contains(where: { $0.kind == data.kind }) {
                line.warn("'\(data.kind.rawValue)' is stored already")
            } else {
                table.stored.append(data)
            }
        }
    }

    /// Apart at commas outside of parentheses.
    private static func list(_ text: String) -> [String] {
        var (items, depth) = ([""], 0)
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                items.append("")
            } else {
                items[items.count - 1].append(character)
            }
        }
        return items
    }

    private static func data(_ text: String, _ word: Word) throws(Refusal) -> StoredData {
        let parts = text.split(separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let kind = StoredData.Kind(rawValue: name) else {
            if name.hasPrefix("glitch_") { throw .unsupported("store \(name)", instead: nil) }
            let names = StoredData.Kind.allCases.map(\.rawValue)
            throw .unknown(
                Word(name, column: word.column), nearest: Suggestion.nearest(to: name, among: names))
        }
        let wanted = (kind.isArray ? ["a number of elements"] : []) + (kind.isRate ? ["a period"] : [])
        guard let arguments = arguments(parts.dropFirst().first), arguments.count == wanted.count else {
            throw .invalid(
                Word(text, column: word.column),
                expected: wanted.isEmpty ? name : "\(name) with \(wanted.joined(separator: " and "))")
        }
        var data = StoredData(kind)
        do {
            if kind.isArray, let first = arguments.first { data.count = try Units.number(first) }
            if kind.isRate, let last = arguments.last { data.period = try Units.milliseconds(last) }
        } catch {
            throw .invalid(
                Word(text, column: word.column), expected: "\(name) with \(wanted.joined(separator: " and "))"
            )
        }
        return data
    }

    /// What stands in parentheses; nil if they do not end.
    private static func arguments(_ text: Substring?) -> [String]? {
        guard let text else { return [] }
        guard text.hasSuffix(")") else { return nil }
        return text.dropLast().split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func sentence(_ flaw: StickTableFlaw) -> String {
        switch flaw {
        case .size: "'size' is a number of entries from 1 to \(Int32.max)"
        case .expire: "'expire' is at most 24 days"
        case .keyLength: "'len' is from 1 to \(StickTable.longestKey)"
        case .twice(let kind): "'\(kind.rawValue)' is stored twice"
        case .overridden(let kind, let array):
            "'\(kind.rawValue)' and '\(array.rawValue)' can not be stored together"
        case .period(let kind): "'\(kind.rawValue)' needs a period from 1ms to 24 days"
        case .elements(let kind):
            "'\(kind.rawValue)' needs a number of elements from 1 to \(StickTable.mostElements)"
        }
    }
}
