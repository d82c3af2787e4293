import Basics
import Model

/// One value of a JSON text, by a path such as `$.a.b[0]`.
struct JSONQuery {
    /// The path, among the expression's literals.
    let path: Literal
    let isInteger: Bool

    /// Numbers that JavaScript can count with.
    private static let integers: ClosedRange<Int64> = -9_007_199_254_740_991...9_007_199_254_740_991

    init(_ pick: JSONPick, _ literals: inout Literals) {
        (path, isInteger) = (literals.add(pick.path), pick.isInteger)
    }

    /// The value; nil if there is none, or one that is no text, number, truth or list.
    func apply(to text: ByteView, _ literals: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        text.withSpan { bytes in
            var reader = JSONReader(bytes)
            do throws(JSONError) {
                guard try JSONQuery.move(&reader, along: literals[path]) else { return nil }
                return try value(&reader, text, &workspace)
            } catch {
                return nil
            }
        }
    }

    private func value(
        _ reader: inout JSONReader, _ text: ByteView, _ workspace: inout SampleWorkspace
    ) throws(JSONError) -> Sample? {
        switch try reader.nextKind() {
        case .string:
            let value = try reader.string()
            return workspace.write { writer in value.withView { writer.append($0) } }.map { .string($0) }
        case .boolean: return try reader.booleanOrNull().map { .boolean($0) }
        case .number:
            let start = reader.offset
            try reader.skipValue()
            return number(text[start..<reader.offset], &workspace)
        case .list:
            let start = reader.offset
            try reader.skipValue()
            return .string(text[start..<reader.offset])
        case .object, .null: return nil
        }
    }

    private func number(_ text: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        guard !isInteger else {
            let number = Sample.number(text)
            return JSONQuery.integers.contains(number) ? .integer(number) : nil
        }
        guard let number = Double(text.string) else { return nil }
        return workspace.write { $0.append(general: number) }.map { .string($0) }
    }

    /// Moves to the value that a path leads to; false if there is none.
    private static func move(_ reader: inout JSONReader, along path: ByteView) throws(JSONError) -> Bool {
        guard !path.isEmpty, path[0] == UInt8(ascii: "$") else { return false }
        var at = 1
        while at < path.count {
            switch path[at] {
            case UInt8(ascii: "."):
                let name = JSONQuery.name(path, &at)
                guard try enter(&reader, name) else { return false }
            case UInt8(ascii: "["):
                guard let end = path.firstIndex(of: UInt8(ascii: "]"), from: at),
                    let index = path[at + 1..<end].decimal.flatMap({ Int(exactly: $0) })
                else { return false }
                at = end + 1
                guard try enter(&reader, index) else { return false }
            default: return false
            }
        }
        return true
    }

    /// The name behind a dot; a backslash takes its meaning from what follows.
    private static func name(_ path: ByteView, _ at: inout Int) -> String {
        var name: [UInt8] = []
        at += 1
        while at < path.count, path[at] != UInt8(ascii: "."), path[at] != UInt8(ascii: "[") {
            if path[at] == UInt8(ascii: "\\"), at + 1 < path.count { at += 1 }
            name.append(path[at])
            at += 1
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func enter(_ reader: inout JSONReader, _ name: String) throws(JSONError) -> Bool {
        guard try reader.nextKind() == .object else { return false }
        try reader.openObject()
        while let key = try reader.nextKey() {
            if try key.string() == name { return true }
            try reader.skipValue()
        }
        return false
    }

    private static func enter(_ reader: inout JSONReader, _ index: Int) throws(JSONError) -> Bool {
        guard try reader.nextKind() == .list else { return false }
        try reader.openList()
        var passed = 0
        while try reader.nextElement() {
            if passed == index { return true }
            try reader.skipValue()
            passed += 1
        }
        return false
    }
}
