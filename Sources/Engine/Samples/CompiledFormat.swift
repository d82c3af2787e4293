import Basics
import Model
import Wire

/// `Model.FormatString` as workers write it: a row of pieces, and beside them their texts and expressions. Writing it allocates
/// nothing and counts no reference.
struct CompiledFormat: ~Copyable {
    private let pieces: FixedArray<FormatPiece>
    private let literals: FixedArray<UInt8>
    private let expressions: FixedArray<CompiledExpression>

    init(_ format: FormatString) {
        var literals = Literals()
        var expressions: [Expression] = []
        var pieces: [FormatPiece] = []
        for part in format.parts {
            switch part {
            case .text(let bytes): pieces.append(.text(literals.add(bytes)))
            case .blank: pieces.append(.blank)
            case .variable(let variable, let flags): pieces.append(.variable(variable, flags))
            case .fact(let fact, let flags): pieces.append(.fact(fact, flags))
            case .sample(let expression, let flags):
                expressions.append(expression)
                pieces.append(.sample(expressions.count - 1, flags))
            case .json(let item):
                if let name = item.name {
                    pieces.append(.text(literals.add((pieces.isEmpty ? "{\"" : ", \"") + name + "\": ")))
                }
                switch item.value {
                case .variable(let variable): pieces.append(.jsonVariable(variable, JSONStyle(item)))
                case .sample(let expression):
                    expressions.append(expression)
                    pieces.append(.jsonSample(expressions.count - 1, JSONStyle(item)))
                }
            }
        }
        if format.isRecord { pieces.append(.text(literals.add(pieces.isEmpty ? "{}" : "}"))) }
        let compiled = pieces
        self.pieces = FixedArray(count: compiled.count) { compiled[$0] }
        let bytes = literals.bytes
        self.literals = FixedArray(count: bytes.count) { bytes[$0] }
        self.expressions = FixedArray(count: expressions.count) { CompiledExpression(expressions[$0]) }
    }

    /// Writes the text for `source`. What samples need on the way stands in `workspace`, behind what stands there already, and
    /// is given up again piece by piece.
    func write<Source: FormatSource & ~Copyable>(
        for source: borrowing Source, to line: inout ByteWriter, _ workspace: inout SampleWorkspace
    ) {
        // Blanks at the beginning count as if one stood in front.
        var isBehindBlank = true
        for i in 0..<pieces.count {
            switch pieces[i] {
            case .text(let text): line.append(literals.view[text])
            case .blank:
                if !isBehindBlank { line.append(UInt8(ascii: " ")) }
                isBehindBlank = true
                continue
            case .sample(let index, let flags):
                let mark = workspace.mark
                let sample = expressions[index].sample(of: source, &workspace)
                line.append(sample?.text(&workspace), as: flags)
                workspace.rewind(to: mark)
            case .variable(let variable, let flags):
                guard source.write(variable, flags, to: &line) else { continue }
            case .fact(let fact, let flags): source.write(fact, flags, to: &line)
            case .jsonSample(let index, let style):
                let mark = workspace.mark
                line.append(expressions[index].sample(of: source, &workspace), asJSON: style, &workspace)
                workspace.rewind(to: mark)
            case .jsonVariable(let variable, let style):
                line.append(variable, of: source, asJSON: style, &workspace)
            }
            isBehindBlank = false
        }
    }

    /// Appends the text for `source` to `buffer`; false, and nothing appended, if it does not fit.
    @discardableResult
    func append<Source: FormatSource & ~Copyable>(
        for source: borrowing Source, to buffer: inout Buffer, _ workspace: inout SampleWorkspace
    ) -> Bool {
        buffer.write { write(for: source, to: &$0, &workspace) }
    }
}

/// One piece of a compiled format.
enum FormatPiece {
    case text(Literal)
    case blank
    /// By its place among the format's expressions.
    case sample(Int, FormatFlags)
    case variable(LogVariable, FormatFlags)
    case fact(LineFact, FormatFlags)
    /// As values of JSON.
    case jsonSample(Int, JSONStyle)
    case jsonVariable(LogVariable, JSONStyle)
}

/// What formats are written for.
protocol FormatSource: SampleSource, ~Copyable {
    /// Writes what a variable is there; false if that is nothing at all, not even a dash.
    func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool
    /// Writes what a fact is there.
    func write(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter)
}
