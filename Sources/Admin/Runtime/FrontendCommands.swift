import Engine

/// What operators say of frontends, and of connections in all: `set maxconn`, `disable frontend` and their like.
struct FrontendCommands: Sendable {
    let engine: Engine
    /// The most connections there may be in all, whatever is said.
    let processLimit: Int

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "set maxconn frontend", "<frontend> <value>", "change a frontend's maxconn setting", .admin
            ) { setLimit($0) },
            RuntimeCommand(
                "set maxconn global", "<value>", "change the per-process maxconn setting", .admin
            ) { setProcessLimit($0) },
            RuntimeCommand(
                "disable frontend", "<frontend>", "temporarily disable specific frontend", .admin
            ) {
                steer(
                    $0, .paused, unchanged: "All sockets are already disabled.\n",
                    stopped: "Frontend was previously shut down, cannot disable.\n")
            },
            RuntimeCommand("enable frontend", "<frontend>", "re-enable specific frontend", .admin) {
                steer(
                    $0, .listening, unchanged: "All sockets are already enabled.\n",
                    stopped: "Frontend was previously shut down, cannot enable.\n")
            },
            RuntimeCommand("shutdown frontend", "<frontend>", "stop a specific frontend", .admin) {
                steer($0, .stopped, unchanged: "", stopped: "Frontend was already shut down.\n")
            },
        ]
    }

    private func setLimit(_ call: RuntimeCall) -> String {
        guard let name = call.words.first else { return "A frontend name is expected.\n" }
        guard let word = call.words.dropFirst().first else { return "Integer value expected.\n" }
        // None at all is what 'disable frontend' is for; here 0 would be no limit.
        guard let limit = Int(word), (1...1_000_000_000).contains(limit) else {
            return "Value out of range.\n"
        }
        return engine.steer(frontend: name, .maxConnections(limit)) == .noSuchFrontend
            ? "No such frontend.\n" : ""
    }

    private func setProcessLimit(_ call: RuntimeCall) -> String {
        guard let word = call.words.first else { return "Expects an integer value.\n" }
        guard let limit = Int(word), limit >= 0, limit <= processLimit else { return "Value out of range.\n" }
        engine.limitConnections(to: limit == 0 ? nil : limit)
        return ""
    }

    private func steer(
        _ call: RuntimeCall, _ state: FrontendState, unchanged: String, stopped: String
    ) -> String {
        guard let name = call.words.first else { return "A frontend name is expected.\n" }
        return switch engine.steer(frontend: name, .state(state)) {
        case .done: ""
        case .noSuchFrontend: "No such frontend.\n"
        case .unchanged: unchanged
        case .isStopped: stopped
        case .refused: "Failed to resume frontend, check logs for precise cause (port conflict?).\n"
        }
    }
}
