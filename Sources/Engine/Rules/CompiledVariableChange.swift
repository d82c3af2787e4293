import Basics
import Model

/// `Model.VariableChange` as workers make it.
struct CompiledVariableChange: ~Copyable {
    let key: VariableKey
    let conditions: VariableConditions
    let kind: Kind
    /// What the variable is set to by an expression; one if that is so.
    let expressions: FixedArray<CompiledExpression>
    /// The same by a format.
    let format: CompiledFormat

    enum Kind {
        case set, setText, unset
    }

    init(_ change: VariableChange) {
        let (kind, variable, limits): (Kind, Variable, VariableConditions)
        var (values, text): ([Expression], FormatString) = ([], FormatString([]))
        switch change {
        case .set(let name, let when, let value):
            (kind, variable, limits, values) = (.set, name, when, [value])
        case .setText(let name, let when, let value):
            (kind, variable, limits, text) = (.setText, name, when, value)
        case .unset(let name): (kind, variable, limits) = (.unset, name, [])
        }
        let expressions = FixedArray(count: values.count) { CompiledExpression(values[$0]) }
        let format = CompiledFormat(text)
        key = VariableKey(variable)
        conditions = limits
        self.kind = kind
        self.expressions = expressions
        self.format = format
    }
}
