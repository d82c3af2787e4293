import Basics
import Model

/// How a value of JSON is written.
struct JSONStyle {
    let kind: JSONItem.Kind?
    let isHexadecimal: Bool

    init(_ item: JSONItem) { (kind, isHexadecimal) = (item.kind, item.isHexadecimal) }

    /// What variables are asked for: their texts with JSON's escapes, without quotes.
    fileprivate var flags: FormatFlags { isHexadecimal ? [.json, .hexadecimal] : .json }
}

/// Values of JSON: numbers and truths as such, everything else as a text in quotes, which is empty where nothing is known.
extension ByteWriter {
    /// Appends what an expression gives.
    mutating func append(_ sample: Sample?, asJSON style: JSONStyle, _ workspace: inout SampleWorkspace) {
        switch style.kind {
        case .raw: return append(sample?.text(&workspace) ?? .empty)
        case .text: break
        case .number: if let number = sample?.number { return append(decimal: number) }
        case .truth: if let truth = sample?.truth { return append(truth ? "true" : "false") }
        case nil:
            if case .integer(let number) = sample { return append(decimal: number) }
            if case .boolean(let truth) = sample { return append(truth ? "true" : "false") }
        }
        append(UInt8(ascii: "\""))
        if style.kind == nil || style.kind == .text {
            if let text = sample?.text(&workspace) { appendLineText(text, .json) }
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends what a variable is for `source`; `null` for one that is nothing at all.
    mutating func append<Source: FormatSource & ~Copyable>(
        _ variable: LogVariable, of source: borrowing Source, asJSON style: JSONStyle,
        _ workspace: inout SampleWorkspace
    ) {
        if variable.isNumber, !(style.isHexadecimal && variable.hasHexadecimal) {
            let mark = workspace.mark
            let number = workspace.write { _ = source.write(variable, .json, to: &$0) }
            append(number: number ?? .empty, asJSON: style)
            return workspace.rewind(to: mark)
        }
        let before = self
        if !variable.isList { append(UInt8(ascii: "\"")) }
        guard source.write(variable, style.flags, to: &self) else {
            self = before
            return append("null")
        }
        if !variable.isList { append(UInt8(ascii: "\"")) }
    }

    /// Appends a number's digits; there are none of a connection that is not there.
    private mutating func append(number: ByteView, asJSON style: JSONStyle) {
        guard !number.isEmpty else { return append("\"\"") }
        switch style.kind {
        case .truth: append(Sample.number(number) != 0 ? "true" : "false")
        case .text:
            append(UInt8(ascii: "\""))
            append(number)
            append(UInt8(ascii: "\""))
        case .number, .raw, nil: append(number)
        }
    }
}

extension LogVariable {
    /// Whether it is several texts.
    fileprivate var isList: Bool { self == .requestFieldList || self == .responseFieldList }

    /// Whether it is a number.
    fileprivate var isNumber: Bool {
        switch self {
        case .clientPort, .frontendPort, .sourcePort, .serverPort, .acceptSeconds, .acceptMilliseconds,
            .handshakeTime, .idleTime, .requestTime, .requestTimeFromAccept, .queueTime, .connectTime,
            .responseTime, .dataTime, .activeTime, .totalTime, .userTime, .bytesOut, .bytesIn,
            .openConnections,
            .frontendConnections, .backendConnections, .serverConnections, .retries, .serverQueue,
            .backendQueue,
            .requestNumber, .logNumber, .status, .processID:
            true
        default: false
        }
    }

    /// Whether `+X` writes it otherwise.
    fileprivate var hasHexadecimal: Bool {
        switch self {
        case .clientPort, .frontendPort, .sourcePort, .serverPort, .acceptSeconds, .acceptMilliseconds,
            .requestNumber, .logNumber, .processID:
            true
        default: false
        }
    }
}
