import Model

/// The lists of everything published so far, by name.
struct PatternStore {
    private var held: [PatternListName: PatternRecord] = [:]
    let trash: PatternTrash

    init(_ trash: PatternTrash) { self.trash = trash }

    /// All of them, by number.
    var all: [PatternRecord] { held.values.sorted { $0.summary.id < $1.summary.id } }

    subscript(name: PatternListName) -> PatternRecord? { held[name] }

    /// Takes over changes; true if workers need another directory.
    mutating func apply(_ changes: [PatternListName: PatternList?]) -> Bool {
        var isOther = false
        for (name, model) in changes {
            guard let model else {
                if held.removeValue(forKey: name) != nil { isOther = true }
                continue
            }
            if let known = held[name] {
                if known.adopt(model) { isOther = true }
                continue
            }
            held[name] = PatternRecord(name, model, trash)
            isOther = true
        }
        return isOther
    }
}
