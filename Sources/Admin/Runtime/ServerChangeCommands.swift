import Engine
import Model

/// `add server` and `del server`.
struct ServerChangeCommands: Sendable {
    let engine: Engine
    let read: RuntimeFacts.ServerReader?

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand("add server", "<bk>/<srv>", "create a new server", .admin) { add($0) },
            RuntimeCommand("del server", "<bk>/<srv>", "remove a dynamically added server", .admin) {
                remove($0)
            },
        ]
    }

    /// The backend and the server of a word; names of backends may have slashes, as those of Ingresses do.
    static func place(_ word: String?) -> (backend: String, server: String)? {
        guard let word, let slash = word.lastIndex(of: "/") else { return nil }
        let name = String(word[word.index(after: slash)...])
        return name.isEmpty ? nil : (String(word[..<slash]), name)
    }

    private func add(_ call: RuntimeCall) -> String {
        guard let read else { return "'add server' is not here: servers come from the cluster.\n" }
        guard let (backend, name) = ServerChangeCommands.place(call.words.first) else {
            return "Require 'backend/server'.\n"
        }
        switch engine.takesServers(backend) {
        case nil: return "No such backend.\n"
        case false?: return "Backend must use a dynamic load balancing to support dynamic servers.\n"
        case true?: break
        }
        switch read(name, backend, Array(call.words.dropFirst())) {
        case .refused(let sentence): return sentence + "\n"
        case .server(let server): return sentence(of: engine.add(server, to: backend), server) + "\n"
        }
    }

    private func sentence(of outcome: ServerAddition, _ server: Server) -> String {
        let followed = server.check?.follows
        let name = followed.map(\.description) ?? ""
        switch outcome {
        case .added: return "New server registered."
        case .noSuchBackend: return "No such backend."
        case .isStatic: return "Backend must use a dynamic load balancing to support dynamic servers."
        case .nameIsTaken: return "Already exists a server with the same name in backend."
        case .idIsTaken(let other): return "'id' : custom id \(server.id) already used ('server \(other)')."
        case .followsNoBackend:
            return
                "unable to find required proxy '\(followed.map(\.backend.description) ?? "")' for tracking."
        case .followsNoServer:
            return "unable to find required server '\(followed.map(\.server) ?? "")' for tracking."
        case .followsAdded: return "unable to use \(name) for tracking as it is a dynamic server."
        case .followsUnchecked:
            return "unable to use \(name) for tracking as it does not have any check nor agent enabled."
        case .unusable(let why): return why
        }
    }

    private func remove(_ call: RuntimeCall) -> String {
        guard let (backend, name) = ServerChangeCommands.place(call.words.first) else {
            return "Require 'backend/server'.\n"
        }
        return ServerChangeCommands.sentence(of: engine.remove(name, from: backend))
    }

    /// As HAProxy says it, which ends only the first of them with a line's end of its own; here all do.
    static func sentence(of removal: ServerRemoval) -> String {
        switch removal {
        case .done: "Server deleted.\n"
        case .noSuchBackend: "No such backend.\n"
        case .noSuchServer: "No such server.\n"
        case .isReferred:
            "This server cannot be removed at runtime due to other configuration elements pointing to it.\n"
        case .isInService: "Only servers in maintenance mode can be deleted.\n"
        case .isBusy: "Server still has connections attached to it, cannot remove it.\n"
        }
    }
}
