import Basics
import Model
import Synchronization

/// A backend's rules about which server gets what, ready to be asked.
struct ServerRules: ~Copyable {
    private let conditions: ConditionSet
    private let servers: FixedArray<Unmanaged<ServerState>>
    /// `option persist`.
    private let keepsDown: Bool

    /// The rules of a backend; those for servers it does not have never apply.
    init(_ backend: Backend, states: [ServerState]) {
        let known = backend.serverRules.compactMap { rule in
            backend.servers.firstIndex { $0.name == rule.server }.map { (rule.condition, states[$0]) }
        }
        conditions = ConditionSet(known.map(\.0))
        keepsDown = backend.persistence.keepsDownServers
        servers = FixedArray(count: known.count) { Unmanaged.passUnretained(known[$0].1) }
    }

    var isEmpty: Bool { servers.count == 0 }

    /// The server of the first rule that applies and whose server is up; nil if there is none.
    func server<Source: SampleSource & ~Copyable>(
        for source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Unmanaged<ServerState>? {
        for rule in 0..<servers.count where isUsable(rule) {
            if conditions.holds(rule, for: source, &workspace) { return servers[rule] }
        }
        return nil
    }

    private func isUsable(_ rule: Int) -> Bool {
        keepsDown || servers[rule]._withUnsafeGuaranteedRef { $0.isUp.load(ordering: .relaxed) }
    }
}
