import Basics
import Model
import Synchronization
import Wire

extension Watch {
    /// What is known of the server when a check of it begins.
    func facts(node: String) -> CheckScene.Facts {
        var facts = CheckScene.Facts(
            backend: server.backend.description, server: name, isServerUp: condition.isUp)
        if case .http(let probe)? = server.plan.check.probe, probe.sendsState {
            facts.state = state(node: node)
        }
        return facts
    }

    private var name: String { String(decoding: server.state.name.view.bytes, as: UTF8.self) }

    /// How it stands, as HAProxy tells servers.
    private func state(node: String) -> String {
        let address = server.state.address
        let word = HealthWord(state, isDraining: condition.isDraining).text
        let (active, waiting) = (server.state.active, server.state.waiting.load(ordering: .relaxed))
        return word + "; address=\(address.description(withPort: false))"
            + "; port=\(address.isLocal ? "" : String(address.port))"
            + "; name=\(server.backend)/\(name); node=\(node)"
            + "; weight=\(server.plan.weight)/\(server.plan.backendWeight)"
            + "; scur=\(active)/\(active); qcur=\(waiting)"
    }
}

/// A server's health in the words that HAProxy tells servers.
struct HealthWord {
    let text: String

    init(_ state: HealthState, isDraining: Bool) {
        guard state.isUp else {
            text = state.isSurelyDown ? "DOWN" : "DOWN \(state.progress)"
            return
        }
        let word = isDraining ? "NOLB" : "UP"
        text = state.isSurelyUp ? word : "\(word) \(state.progress)"
    }
}
