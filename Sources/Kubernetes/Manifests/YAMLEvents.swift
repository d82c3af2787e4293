import CYAML
import Glibc

/// libyaml's parser: the one place that touches its pointers. Texts are copied out before an event is released.
struct YAMLEvents: ~Copyable {
    /// libyaml keeps pointers into itself and into the text, so neither may move.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>
    /// How many lines stand before the text in its file.
    private let linesBefore: Int

    /// Parses `text` as UTF-8 from its beginning.
    init(_ text: Span<UInt8>, linesBefore: Int) throws(YAMLError) {
        self.linesBefore = linesBefore
        self.text = .allocate(capacity: max(1, text.count))
        for i in 0..<text.count { self.text.initializeElement(at: i, to: text[i]) }
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLError(line: linesBefore + 1, message: "no memory for a parser")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, self.text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event; after an error none may be asked for.
    mutating func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let line = linesBefore + Int(clamping: event.start_mark.line) + 1
        let copy = YAMLEvent(line: line, kind: Self.kind(of: event))
        return copy
    }

    private func failure() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be parsed"
        let line = linesBefore + Int(clamping: parser.pointee.problem_mark.line) + 1
        return YAMLError(line: line, message: problem)
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch event.type {
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_ALIAS_EVENT: return .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT: return .listStart(anchor: string(event.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT: return .mapStart(anchor: string(event.data.mapping_start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                tag: string(scalar.tag), anchor: string(scalar.anchor))
        default: return .other
        }
    }

    private static func string(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        bytes.map { String(cString: $0) }
    }
}

/// One step of a YAML text.
struct YAMLEvent {
    /// Counted from 1.
    var line: Int
    var kind: Kind

    enum Kind {
        case streamEnd
        case documentStart
        case alias(String)
        case scalar(String, isPlain: Bool, tag: String?, anchor: String?)
        case listStart(anchor: String?)
        case mapStart(anchor: String?)
        /// Of a list or a map.
        case end
        /// The start of the stream and the end of a document.
        case other
    }
}
