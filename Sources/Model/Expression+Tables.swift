/// The tables that are named somewhere: whoever builds a configuration checks that they are there.
extension Expression {
    /// By this expression.
    public var tables: [TableName] {
        let first: TableName? =
            switch fetch {
            case .counter(let read): read.table
            case .tableUse(let table, _): table
            default: nil
            }
        return [first].compactMap { $0 }
            + converters.compactMap { converter -> TableName? in
                if case .table(let table, _) = converter { return table }
                return nil
            }
    }
}

extension RuleCondition {
    /// By one of the tests.
    public var tables: [TableName] {
        alternatives.joined().flatMap(\.tests).flatMap(\.expression.tables)
    }
}

extension FormatString {
    /// By one of the samples.
    public var tables: [TableName] {
        parts.flatMap { part -> [TableName] in
            if case .sample(let expression, _) = part { return expression.tables }
            return []
        }
    }
}

extension VariableChange {
    /// By what it is set to.
    public var tables: [TableName] {
        switch self {
        case .set(_, _, let expression): expression.tables
        case .setText(_, _, let format): format.tables
        case .unset: []
        }
    }
}

extension ComposedPage {
    /// By its formats.
    public var tables: [TableName] { body.tables + fields.flatMap(\.value.tables) }
}

extension HTTPAction {
    /// By its formats.
    public var tables: [TableName] {
        switch self {
        case .change(let change): change.format?.tables ?? []
        case .redirect(let redirect): redirect.target.tables
        case .variable(let change): change.tables
        case .patterns(let edit): edit.formats.flatMap(\.tables)
        case .limitBandwidth(let limit):
            (limit.chosenBytes?.tables ?? []) + (limit.chosenPeriod?.tables ?? [])
        case .capture(let expression, _), .setSource(let expression), .setSourcePort(let expression),
            .setDestination(let expression), .setDestinationPort(let expression):
            expression.tables
        case .earlyHint(_, let format): format.tables
        case .setTimeout(let change):
            if case .sample(let expression) = change.time { expression.tables } else { [] }
        case .resolve(let query): query.name.tables
        case .adjust(let setting): setting.value.tables
        case .deny(let answer), .tarpit(let answer), .answer(let answer):
            if case .composed(let page) = answer { page.tables } else { [] }
        default: []
        }
    }
}
