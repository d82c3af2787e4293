import Basics
import Model

/// A frontend's rules about backends, ready to be asked.
final class SwitchTable: Sendable {
    private let conditions: ConditionSet
    private let targets: FixedArray<NamedPlace>
    /// What targets are written by, and whom they may name: those of the first routes.
    private let written: FixedArray<WrittenName>
    private let names: TextSet
    private let routes: FixedArray<Unmanaged<CompiledRoute>>
    /// What answers where a rule could not be decided.
    private let undecided = CompiledRoute(
        backend: nil, status: 500, origin: Origin(namespace: "", name: "undecided"))
    /// Keeps the routes alive.
    private let owned: [CompiledRoute]

    /// A table of rules, which may name those of `names` by formats; nil if there are none.
    init?(_ rules: [BackendRule], naming names: [BackendName] = [], compile: (BackendName) -> CompiledRoute) {
        guard !rules.isEmpty else { return nil }
        let formats = rules.compactMap(\.target.format)
        let candidates = formats.isEmpty ? [] : names
        var compiled = candidates.map(compile)
        var count = 0
        let targets = rules.map { rule -> NamedPlace in
            switch rule.target {
            case .known(let name):
                compiled.append(compile(name))
                return .known(compiled.count - 1)
            case .written:
                count += 1
                return .written(count - 1)
            }
        }
        conditions = ConditionSet(rules.map(\.condition))
        self.targets = FixedArray(targets)
        written = FixedArray(count: formats.count) { WrittenName(formats[$0]) }
        self.names = TextSet(candidates.map { Array($0.description.utf8) }, ignoresCase: false)
        owned = compiled
        let all = compiled
        routes = FixedArray(count: all.count) { Unmanaged.passUnretained(all[$0]) }
    }

    /// Where the first rule that applies leads; nil if none does, or if it names nobody. `text` is where names are written.
    func route<Source: FormatSource & ~Copyable>(
        for source: borrowing Source, naming text: inout Buffer, _ workspace: inout SampleWorkspace
    ) -> Unmanaged<CompiledRoute>? {
        for rule in 0..<targets.count {
            let applies = conditions.holds(rule, for: source, &workspace)
            if workspace.overruns > 0 { return Unmanaged.passUnretained(undecided) }
            guard applies else { continue }
            switch targets[rule] {
            case .known(let place): return routes[place]
            case .written(let place):
                let index = written[place].index(among: names, for: source, in: &text, &workspace)
                if workspace.overruns > 0 { return Unmanaged.passUnretained(undecided) }
                return index.map { routes[$0] }
            }
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
