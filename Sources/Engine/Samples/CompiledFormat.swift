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
        let pieces = format.parts.map { part -> FormatPiece in
            switch part {
            case .text(let bytes): return .text(literals.add(bytes))
            case .blank: return .blank
            case .variable(let variable, let flags): return .variable(variable, flags)
            case .sample(let expression, let flags):
                expressions.append(expression)
                return .sample(expressions.count - 1, flags)
            }
        }
        self.pieces = FixedArray(count: pieces.count) { pieces[$0] }
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
}

/// What formats are written for.
protocol FormatSource: SampleSource, ~Copyable {
    /// Writes what a variable is there; false if that is nothing at all, not even a dash.
    func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool
}
