import Basics
import Model

/// `Model.ForwardedField` as workers write it.
final class CompiledForwardedField: Sendable {
    let saysScheme: Bool
    /// Nil where they are not said.
    let host: Part?
    let by: Node?
    let node: Node?
    let expressions: FixedArray<CompiledExpression>

    enum Part {
        case own
        /// One of the expressions.
        case sample(Int)
    }

    struct Node {
        let name: Part
        let port: Part?
    }

    init(_ field: ForwardedField) {
        let models = field.expressions
        expressions = FixedArray(count: models.count) { CompiledExpression(models[$0]) }
        saysScheme = field.saysScheme
        // In the order of `expressions`.
        var places = 0..<models.count
        host = field.host.map { CompiledForwardedField.part($0, &places) }
        by = field.by.map { CompiledForwardedField.node($0, &places) }
        node = field.node.map { CompiledForwardedField.node($0, &places) }
    }

    private static func node(_ node: ForwardedField.Node, _ places: inout Range<Int>) -> Node {
        let name = part(node.name, &places)
        return Node(name: name, port: node.port.map { part($0, &places) })
    }

    private static func part(_ part: ForwardedField.Part, _ places: inout Range<Int>) -> Part {
        guard case .sample = part, let place = places.popFirst() else { return .own }
        return .sample(place)
    }
}
