import Basics
import Model
import Wire

/// A step of an expression that reads or sets a variable, or keeps what it is given for the log.
enum VariableStep {
    case set(VariableKey, VariableConditions)
    case unset(VariableKey)
    case concat(Literal, VariableKey, Literal)
    case arithmetic(Arithmetic, VariableKey)
    case compare(VariableKey)
    case capture(Int, isAnswer: Bool)

    /// The next sample; nil if there is none.
    func apply<Source: SampleSource & ~Copyable>(
        to sample: Sample, _ source: borrowing Source, _ literals: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        switch self {
        case .set(let key, let conditions):
            source.setVariable(key, to: sample, conditions)
            return sample
        case .unset(let key):
            source.unsetVariable(key)
            return sample
        case .concat(let front, let key, let back):
            guard let text = sample.text(&workspace) else { return nil }
            let middle = source.variable(key, &workspace)?.text(&workspace) ?? .empty
            return workspace.write {
                $0.append(text)
                $0.append(literals[front])
                $0.append(middle)
                $0.append(literals[back])
            }.map { .string($0) }
        case .arithmetic(let operation, let key):
            guard let number = sample.number, let operand = source.variable(key, &workspace)?.number else {
                return nil
            }
            return .integer(operation.apply(number, operand))
        case .capture(let slot, let isAnswer):
            guard let text = sample.text(&workspace) else { return nil }
            source.capture(text, at: slot, isAnswer: isAnswer)
            return .string(text)
        case .compare(let key):
            guard let text = sample.text(&workspace), let other = source.variable(key, &workspace),
                let otherText = other.text(&workspace)
            else { return nil }
            return .integer(VariableStep.difference(text, otherText))
        }
    }

    /// Below 0, 0 or above, as the first byte that differs says, else the length.
    private static func difference(_ left: ByteView, _ right: ByteView) -> Int64 {
        for i in 0..<min(left.count, right.count) where left[i] != right[i] {
            return Int64(left[i]) - Int64(right[i])
        }
        return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
    }
}
