import Engine

/// `add backend`, `publish backend`, `unpublish backend` and `del backend` (HAProxy 3.4).
struct BackendChangeCommands: Sendable {
    let facts: RuntimeFacts

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand("add backend", "<backend>", "add a new backend", .admin) { add($0) },
            RuntimeCommand("del backend", "<backend>", "delete a backend", .admin) { remove($0) },
            RuntimeCommand(
                "publish backend", "<backend>", "mark backend as ready for traffic", .admin
            ) { publish($0, true, "Backend published.\n") },
            RuntimeCommand(
                "unpublish backend", "<backend>", "remove backend for traffic processing", .admin
            ) { publish($0, false, "Backend unpublished.\n") },
        ]
    }

    private func add(_ call: RuntimeCall) -> String {
        guard let read = facts.readBackend else {
            return "'add backend' is not here: backends come from the cluster.\n"
        }
        guard let name = call.words.first else { return "Require backend name.\n" }
        let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"
        if let character = name.first(where: { !allowed.contains($0) }) {
            return "Invalid character '\(character)' in backend name.\n"
        }
        let words = call.words.dropFirst()
        guard words.count >= 2, words.first == "from" else {
            return "Usage: add backend <name> from <defproxy>.\n"
        }
        var mode: String?
        var rest = words.dropFirst(2)
        while let word = rest.popFirst() {
            guard let value = rest.popFirst(), word == "mode", mode == nil else {
                return "Usage: add backend <name> from <defproxy> [mode <px_mode>] [guid <val>].\n"
            }
            mode = value
        }
        let defaults = words[words.startIndex + 1]
        switch read(name, defaults, mode) {
        case .refused(let sentence): return sentence + "\n"
        case .backend(let backend):
            switch facts.engine.add(backend, named: name) {
            case .added:
                facts.noteBackend(name, defaults)
                let isStatic = facts.engine.takesServers(name) == false
                let note = isStatic ? " (no support for dynamic servers: its balance is static)" : ""
                return "New backend registered\(note).\n"
            case .nameIsTaken(let kind):
                return
                    "Error during backend creation : name is already used by other proxy '\(kind) \(name)'.\n"
            case .unusable(let why): return "Error during backend creation : \(why).\n"
            }
        }
    }

    private func publish(_ call: RuntimeCall, _ isPublished: Bool, _ done: String) -> String {
        guard let name = call.words.first else { return "A backend name is expected.\n" }
        return facts.engine.publish(backend: name, isPublished) ? done : "No such backend.\n"
    }

    private func remove(_ call: RuntimeCall) -> String {
        guard call.words.count < 2 else { return "Usage: del backend <name>.\n" }
        switch facts.engine.remove(backend: call.words.first ?? "") {
        case .done: return "Backend deleted.\n"
        case .noSuchBackend: return "No such backend.\n"
        case .isListen: return "Cannot delete a listen section.\n"
        case .hasTable: return "Cannot remove a backend with stick-table.\n"
        case .isReferred:
            return
                "This proxy cannot be removed at runtime due to other configuration elements pointing to it.\n"
        case .isPublished: return "Backend must be unpublished prior to its deletion.\n"
        case .hasServers: return "Only a backend without server can be deleted.\n"
        case .isBusy: return "Backend still has attached streams on it.\n"
        }
    }
}
