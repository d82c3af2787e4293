import Model

/// The stick tables of everything published so far. A table keeps its entries as long as its name stays and its settings allow it.
struct TableStore {
    private var held: [TableName: Held] = [:]
    /// Rung when peers have to be told of an entry.
    let bell = NewsBell()

    private struct Held {
        var model: StickTable
        let table: SharedTable
    }

    subscript(name: TableName) -> SharedTable? { held[name]?.table }

    /// All of them, with their settings.
    var all: [(name: TableName, model: StickTable, table: SharedTable)] {
        held.map { ($0.key, $0.value.model, $0.value.table) }
    }

    /// Takes over changes. Says which names lead to another table now, or to none any more; unusable settings leave in force
    /// what was there before.
    mutating func apply(_ changes: [TableName: StickTable?], problems: inout [Diagnostic]) -> Set<TableName> {
        var touched: Set<TableName> = []
        for (name, model) in changes {
            guard let model else {
                if held.removeValue(forKey: name) != nil { touched.insert(name) }
                continue
            }
            if let flaw = model.flaw {
                problems.append(TableStore.refusal(of: name, flaw))
                continue
            }
            if let known = held[name], known.table.adopt(model, instead: known.model) {
                held[name]?.model = model
            } else {
                held[name] = Held(model: model, table: SharedTable(model, bell: bell))
                touched.insert(name)
            }
        }
        return touched
    }

    private static func refusal(of name: TableName, _ flaw: StickTableFlaw) -> Diagnostic {
        Diagnostic(
            .error, kind: "StickTable", object: Origin(namespace: "", name: name.description),
            reason: "InvalidTable", message: "the table is not usable: \(flaw)")
    }
}
