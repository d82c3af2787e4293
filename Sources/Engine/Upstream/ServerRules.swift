import Basics
import Model
import Synchronization

/// A backend's rules about which server gets what, ready to be asked.
struct ServerRules: ~Copyable {
    private let conditions: ConditionSet
    private let targets: FixedArray<NamedPlace>
    /// What targets are written by, and whom they may name: the first servers.
    private let written: FixedArray<WrittenName>
    private let names: TextSet
    private let servers: FixedArray<Unmanaged<ServerState>>
    /// `option persist`.
    private let keepsDown: Bool

    /// The rules of a backend; those for servers it does not have never apply.
    init(_ backend: Backend, states: [ServerState]) {
        let formats = backend.serverRules.compactMap(\.target.format)
        var models: [RuleCondition?] = []
        var places: [NamedPlace] = []
        var count = 0
        for rule in backend.serverRules {
            switch rule.target {
            case .known(let name):
                guard let place = backend.servers.firstIndex(where: { $0.name == name }) else { continue }
                places.append(.known(place))
            case .written:
                places.append(.written(count))
                count += 1
            }
            models.append(rule.condition)
        }
        let called = formats.isEmpty ? [] : backend.servers.map { Array($0.name.utf8) }
        let all = places.isEmpty ? [] : states
        // Each part is made before any is stored: Swift 6.3.1 otherwise frees a part before it is there (optimised builds only).
        let conditions = ConditionSet(models)
        let targets = FixedArray(places)
        let written = FixedArray(count: formats.count) { WrittenName(formats[$0]) }
        let names = TextSet(called, ignoresCase: false)
        let servers = FixedArray(count: all.count) { Unmanaged.passUnretained(all[$0]) }
        self.conditions = conditions
        self.targets = targets
        self.written = written
        self.names = names
        self.servers = servers
        keepsDown = backend.persistence.keepsDownServers
    }

    var isEmpty: Bool { targets.count == 0 }

    /// The server of the first rule that applies and whose server is up; nil if there is none, or if the rule names nobody. `text`
    /// is where names are written.
    func server<Source: FormatSource & ~Copyable>(
        for source: borrowing Source, isForced: Bool, naming text: inout Buffer,
        _ workspace: inout SampleWorkspace
    ) -> Unmanaged<ServerState>? {
        for rule in 0..<targets.count {
            switch targets[rule] {
            case .known(let place):
                guard isForced || isUsable(place), conditions.holds(rule, for: source, &workspace) else {
                    continue
                }
                return servers[place]
            case .written(let place):
                guard conditions.holds(rule, for: source, &workspace) else { continue }
                guard let found = written[place].index(among: names, for: source, in: &text, &workspace)
                else {
                    return nil
                }
                if isForced || isUsable(found) { return servers[found] }
            }
        }
        return nil
    }

    private func isUsable(_ place: Int) -> Bool {
        keepsDown || servers[place]._withUnsafeGuaranteedRef { $0.isUp.load(ordering: .relaxed) }
    }
}
