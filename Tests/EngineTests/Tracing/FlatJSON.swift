import Basics

/// A JSON text as values by path, `a.b[0]`: text and numbers as text, and what is empty by its brackets.
struct FlatJSON {
    private(set) var values: [String: String] = [:]

    init(_ bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes.span)
        try read(&reader, at: "")
        try reader.finish()
    }

    subscript(path: String) -> String? { values[path] }

    /// The names at the top.
    var names: Set<String> {
        Set(values.keys.map { path in String(path.prefix { $0 != "." && $0 != "[" }) })
    }

    private mutating func read(_ reader: inout JSONReader, at path: String) throws(JSONError) {
        switch try reader.nextKind() {
        case .object:
            try reader.openObject()
            var isEmpty = true
            while let key = try reader.nextKey() {
                isEmpty = false
                try read(&reader, at: path.isEmpty ? try key.string() : "\(path).\(try key.string())")
            }
            if isEmpty { values[path] = "{}" }
        case .list:
            try reader.openList()
            var place = 0
            while try reader.nextElement() {
                try read(&reader, at: "\(path)[\(place)]")
                place += 1
            }
        case .string: values[path] = try reader.string()
        case .number: values[path] = "\(try reader.integer())"
        case .boolean, .null: try reader.skipValue()
        }
    }
}
