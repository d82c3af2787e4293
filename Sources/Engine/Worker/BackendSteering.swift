import Model

/// What operators have said of backends: which there are, and where rules may send anybody. It holds until the configuration is read
/// again.
struct BackendSteering {
    /// Rules that name them have nothing to say.
    var unpublished: Set<BackendName> = []
    /// Those that operators have added, with their modes.
    var added: [BackendName: Mode] = [:]
    /// Those of the configuration that they have removed.
    var removed: [BackendName: Backend] = [:]

    var isEmpty: Bool { unpublished.isEmpty && added.isEmpty && removed.isEmpty }

    /// A frontend as it is let be.
    func steered(_ frontend: Frontend) -> Frontend {
        guard !isEmpty else { return frontend }
        var steered = frontend
        if frontend.backendRules.contains(where: { $0.target.format != nil }) {
            let new = added.filter { $0.value == frontend.mode && !frontend.namedBackends.contains($0.key) }
            steered.namedBackends += new.keys.sorted { $0.description < $1.description }
        }
        steered.namedBackends.removeAll { unpublished.contains($0) || removed[$0] != nil }
        steered.backendRules.removeAll { rule in rule.backend.map(unpublished.contains) == true }
        if case .backend(let name)? = frontend.fallback, unpublished.contains(name), !frontend.isListen {
            steered.fallback = frontend.mode == .http ? .answer(status: 503) : nil
        }
        return steered
    }
}
