import Basics
import Model

/// A frontend's rules about backends, ready to be asked.
final class SwitchTable: Sendable {
    private let conditions: ConditionSet
    private let routes: FixedArray<Unmanaged<CompiledRoute>>
    /// What answers where a rule could not be decided.
    private let undecided = CompiledRoute(
        backend: nil, status: 500, origin: Origin(namespace: "", name: "undecided"))
    /// Keeps the routes alive.
    private let owned: [CompiledRoute]

    /// A table of rules; nil if there are none.
    init?(_ rules: [BackendRule], compile: (BackendName) -> CompiledRoute) {
        guard !rules.isEmpty else { return nil }
        conditions = ConditionSet(rules.map(\.condition))
        let compiled = rules.map { compile($0.backend) }
        owned = compiled
        routes = FixedArray(count: compiled.count) { Unmanaged.passUnretained(compiled[$0]) }
    }

    /// Where the first rule that applies leads; nil if none does.
    func route<Source: SampleSource & ~Copyable>(
        for source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Unmanaged<CompiledRoute>? {
        for rule in 0..<routes.count {
            let applies = conditions.holds(rule, for: source, &workspace)
            if workspace.overruns > 0 { return Unmanaged.passUnretained(undecided) }
            if applies { return routes[rule] }
        }
        return nil
    }

    /// The first backend that something holds of.
    func first(where isRight: (Unmanaged<BackendState>) -> Bool) -> Unmanaged<BackendState>? {
        for i in 0..<routes.count {
            let backend = routes[i]._withUnsafeGuaranteedRef {
                $0.backend.map { Unmanaged.passUnretained($0) }
            }
            if let backend, isRight(backend) { return backend }
        }
        return nil
    }
}
