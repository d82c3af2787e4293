import Basics
import Model

/// A backend's `force-persist` and `ignore-persist`, ready to be asked.
struct PersistenceExceptions: ~Copyable {
    private let conditions: ConditionSet
    private let forces: FixedArray<Bool>

    init(_ models: [PersistenceException]) {
        let conditions = ConditionSet(models.map(\.condition))
        let forces = FixedArray(count: models.count) { models[$0].forces }
        self.conditions = conditions
        self.forces = forces
    }

    var isEmpty: Bool { forces.count == 0 }

    /// Whether the first that applies forces persistence or forbids it; nil if none applies.
    func forces<Source: SampleSource & ~Copyable>(
        for source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool? {
        for i in 0..<forces.count where conditions.holds(i, for: source, &workspace) { return forces[i] }
        return nil
    }
}
