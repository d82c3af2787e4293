import Basics
import Model

/// `Model.ConverterOperand` as workers read it.
enum OperandCode {
    case text(Literal)
    case variable(VariableKey)

    init(_ operand: ConverterOperand, _ literals: inout Literals) {
        switch operand {
        case .text(let bytes): self = .text(literals.add(bytes))
        case .variable(let name): self = .variable(VariableKey(name))
        }
    }

    /// Its bytes; nil if the variable is not set.
    func bytes<Source: SampleSource & ~Copyable>(
        _ source: borrowing Source, _ literals: ByteView, _ workspace: inout SampleWorkspace
    ) -> ByteView? {
        switch self {
        case .text(let text): literals[text]
        case .variable(let key): source.variable(key, &workspace)?.key(&workspace)
        }
    }
}
