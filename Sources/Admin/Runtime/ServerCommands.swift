import Engine
import Model

/// What operators say of servers: `set server`, `set weight` and their like, and `show backend`.
struct ServerCommands: Sendable {
    let engine: Engine

    var commands: [RuntimeCommand] { ofServers + ofChecks }

    private var ofServers: [RuntimeCommand] {
        [
            RuntimeCommand("show backend", "", "list backends in the current running config", .user) { _ in
                "# name\n" + engine.backendNames().map { "\($0)\n" }.joined()
            },
            RuntimeCommand(
                "get weight", "<bk>/<srv>", "report a server's current weight", .user
            ) { call in
                at(call) { _, _, server, _ in
                    "\(server.weight) (initial \(server.configuredWeight))\n"
                }
            },
            RuntimeCommand(
                "set weight", "<bk>/<srv>  (DEPRECATED)",
                "change a server's weight (use 'set server' instead)", .admin
            ) { call in at(call) { setWeight($0, $1, $2, $3.first) } },
            RuntimeCommand(
                "set server", "<bk>/<srv> [opts]", "change a server's state, weight, address or ssl", .admin
            ) { call in at(call) { set($0, $1, $2, $3) } },
            RuntimeCommand(
                "enable server", " (DEPRECATED)",
                "enable a disabled server (use 'set server' instead)", .admin
            ) { call in at(call) { backend, name, _, _ in order(.state(.ready), backend, name) } },
            RuntimeCommand(
                "disable server", "(DEPRECATED)",
                "disable a server for maintenance (use 'set server' instead)", .admin
            ) { call in at(call) { backend, name, _, _ in order(.state(.maintenance), backend, name) } },
            RuntimeCommand(
                "set maxconn server", "<bk>/<srv>", "change a server's maxconn setting", .admin
            ) { call in at(call) { setLimit($0, $1, $3.first) } },
            RuntimeCommand(
                "shutdown sessions server", "<bk>/<srv>", "kill sessions on a server", .admin
            ) { call in at(call) { backend, name, _, _ in order(.endSessions, backend, name) } },
        ]
    }

    private var ofChecks: [RuntimeCommand] {
        [
            RuntimeCommand("enable health", "", "enable health checks", .admin) { call in
                at(call) { backend, name, server, _ in
                    server.model.check?.probe == nil
                        ? "Health check was not configured on this server, cannot enable.\n"
                        : order(.checks(true), backend, name)
                }
            },
            RuntimeCommand("disable health", "", "disable health checks", .admin) { call in
                at(call) { backend, name, _, _ in order(.checks(false), backend, name) }
            },
            RuntimeCommand("enable agent", "", "enable agent checks", .admin) { call in
                at(call) { backend, name, server, _ in
                    server.model.check?.agent == nil
                        ? "Agent was not configured on this server, cannot enable.\n"
                        : order(.asksAgent(true), backend, name)
                }
            },
            RuntimeCommand("disable agent", "", "disable agent checks", .admin) { call in
                at(call) { backend, name, _, _ in order(.asksAgent(false), backend, name) }
            },
        ]
    }

    /// Finds the server that the first word names. Names of backends may have slashes, as those of Ingresses do.
    private func at(
        _ call: RuntimeCall,
        _ body: (_ backend: String, _ name: String, ServerReport, ArraySlice<String>) -> String
    ) -> String {
        guard let place = call.words.first, let slash = place.lastIndex(of: "/") else {
            return "Require 'backend/server'.\n"
        }
        let (backend, name) = (String(place[..<slash]), String(place[place.index(after: slash)...]))
        guard let server = engine.server(name, of: backend) else {
            return engine.backendNames().contains(backend) ? "No such server.\n" : "No such backend.\n"
        }
        return body(backend, name, server, call.words.dropFirst())
    }

    private func order(_ order: ServerOrder, _ backend: String, _ name: String) -> String {
        engine.steer(name, of: backend, order) ? "" : "No such server.\n"
    }

    private func set(
        _ backend: String, _ name: String, _ server: ServerReport, _ words: ArraySlice<String>
    ) -> String {
        let rest = words.dropFirst()
        switch words.first {
        case "weight": return setWeight(backend, name, server, rest.first)
        case "state":
            guard let state = rest.first.flatMap({ ServerAdminState(rawValue: $0) }) else {
                return "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n"
            }
            return order(.state(state), backend, name)
        default:
            let settings = ServerSettingCommands(engine: engine, backend: backend, name: name, server: server)
            return settings.answer(words)
                ?? "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | "
                + "check-addr | check-port | fqdn | health | ssl | state | weight\n"
        }
    }

    /// `7`, or `50%` of what is configured.
    private func setWeight(
        _ backend: String, _ name: String, _ server: ServerReport, _ word: String?
    ) -> String {
        guard let word else { return "Require <weight> or <weight%>.\n" }
        let isRelative = word.hasSuffix("%")
        guard let number = Int(isRelative ? String(word.dropLast()) : word) else {
            return "Empty weight string empty or preceded by garbage"
        }
        if isRelative, number < 0 { return "Relative weight must be positive.\n" }
        let weight = isRelative ? server.configuredWeight * min(number, 1_000_000) / 100 : number
        guard isRelative || (0...256).contains(weight) else {
            return "Absolute weight can only be between 0 and 256 inclusive.\n"
        }
        guard server.takesWeights || weight == 0 || weight == server.configuredWeight else {
            return "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n"
        }
        return order(.weight(min(256, weight)), backend, name)
    }

    private func setLimit(_ backend: String, _ name: String, _ word: String?) -> String {
        guard let word else { return "Integer value expected.\n" }
        guard let number = Int(word), number >= 0, number <= 1_000_000_000 else {
            return "Value out of range.\n"
        }
        return order(.maxConnections(number), backend, name)
    }
}
