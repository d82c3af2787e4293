import Basics

extension YAMLNode {
    /// This node as JSON, for decoders that read JSON.
    public var json: [UInt8] { ManifestText(self).bytes }
}

/// One document as JSON that still knows its lines: manifests in YAML and in JSON go through the API's own decoders.
struct ManifestText {
    private(set) var bytes: [UInt8]
    private let lines: Lines

    private enum Lines {
        /// Where each value begins in the JSON, and the line it has in the file. Ascending.
        case recorded([(offset: Int, line: Int)])
        /// The JSON is the file's own; so many lines stand before it.
        case counted(before: Int)
    }

    /// The JSON of a YAML node.
    init(_ node: YAMLNode) {
        var recorded: [(offset: Int, line: Int)] = []
        var writer = JSONWriter()
        Self.write(node, &writer, &recorded)
        bytes = writer.bytes
        lines = .recorded(recorded)
    }

    /// JSON as it stands in a file.
    init(json bytes: [UInt8], linesBefore: Int) {
        self.bytes = bytes
        lines = .counted(before: linesBefore)
    }

    /// The line of the file where the value at `offset` stands.
    func line(at offset: Int) -> Int {
        switch lines {
        case .counted(let before):
            before + 1 + bytes.prefix(max(0, offset)).count { $0 == UInt8(ascii: "\n") }
        case .recorded(let entries): Self.lastLine(entries, upTo: offset)
        }
    }

    private static func lastLine(_ entries: [(offset: Int, line: Int)], upTo offset: Int) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? entries[low - 1].line : 1
    }

    private static func write(
        _ node: YAMLNode, _ writer: inout JSONWriter, _ lines: inout [(offset: Int, line: Int)]
    ) {
        lines.append((writer.bytes.count, node.line))
        switch node.value {
        case .null: writer.null()
        case .boolean(let flag): writer.boolean(flag)
        case .integer(let number): writer.integer(number)
        case .number(let number): writer.number(Double(number) ?? .nan)
        case .string(let text): writer.string(text)
        case .list(let elements):
            writer.list { writer in
                for element in elements { write(element, &writer, &lines) }
            }
        case .map(let fields):
            writer.object { writer in
                for field in fields { writer.field(field.key) { write(field.value, &$0, &lines) } }
            }
        }
    }
}
