import Engine
import Model
import Wire

/// What stands behind `set server B/S addr|check-addr|check-port|agent-addr|agent-port|agent-send|ssl|fqdn|health|agent`.
struct ServerSettingCommands {
    let engine: Engine
    let backend: String
    let name: String
    let server: ServerReport

    /// The answer; nil if the first word is none of these.
    func answer(_ words: ArraySlice<String>) -> String? {
        let rest = words.dropFirst()
        switch words.first {
        case "addr": return setAddress(rest)
        case "check-addr": return setCheckAddress(rest)
        case "check-port": return setCheckPort(rest.first)
        case "agent-addr": return setAgentAddress(rest)
        case "agent-port": return setAgentPort(rest.first)
        case "agent-send": return setGreeting(rest.first)
        case "health": return setHealth(rest.first)
        case "agent": return setAgent(rest.first)
        case "ssl": return setTLS(rest.first)
        case "fqdn":
            return setName(rest.first)
        default: return nil
        }
    }

    private func order(_ order: ServerOrder, _ sentence: String = "") -> String {
        engine.steer(name, of: backend, order)
            ? sentence : "The server is not there any more, or another one of its backend is the same.\n"
    }

    // MARK: Its address

    private func setAddress(_ words: ArraySlice<String>) -> String {
        let source = " by 'stats socket command'\n"
        guard let text = words.first else {
            return "set server <b>/<s> addr requires an address and optionally a port.\n"
        }
        let model = server.model
        guard let address = SocketAddress(text, port: model.port)?.description(withPort: false) else {
            return "Invalid addr '\(text)'" + source
        }
        var said =
            address == model.address
            ? "no need to change the addr" : "IP changed from '\(model.address)' to '\(address)'"
        var port = model.port
        if words.dropFirst().first == "port", let word = words.dropFirst(2).first {
            guard !word.hasPrefix("+"), !word.hasPrefix("-") else {
                return "can't change <port> to port map because servers have one port each here" + source
            }
            guard let number = UInt16(word), number > 0 else {
                return "problem converting port '\(word)' to an int" + source
            }
            said +=
                number == port
                ? ", no need to change the port" : ", port changed from '\(port)' to '\(number)'"
            port = number
        }
        guard port > 0 else { return "a port is needed, for the server is a socket of this machine" + source }
        return order(.change(.address(address, port: port)), said + source)
    }

    private func setName(_ name: String?) -> String {
        let command = "set server <b>/<s> fqdn"
        guard let name else { return "\(command) requires a FQDN.\n" }
        guard let resolution = server.model.resolution, resolution.resolvers != nil else {
            return "\(command) failed because no resolution is configured.\n"
        }
        guard !resolution.isService else {
            return "\(command) failed because SRV resolution is configured.\n"
        }
        guard let wanted = NameQuestion.name(name) else {
            return "invalid fqdn '\(name)' by 'stats socket command'\n"
        }
        guard wanted != resolution.name else {
            return "no need to change the FDQN by 'stats socket command'\n"
        }
        return order(
            .change(.name(wanted)),
            "\(backend)/\(self.name) changed its FQDN from \(resolution.name) to \(wanted) by 'stats socket command'\n"
        )
    }

    // MARK: Its check and its agent

    private enum Place {
        case at(String, port: UInt16?)
        case refused(String)
    }

    /// An address and, perhaps, a port.
    private func place(_ words: ArraySlice<String>, _ keyword: String) -> Place {
        guard let text = words.first else {
            return .refused(
                "set server <b>/<s> \(keyword) requires an address and optionally a port.\n")
        }
        guard let address = SocketAddress(text, port: 0)?.description(withPort: false) else {
            return .refused("invalid addr '\(text)'")
        }
        guard words.dropFirst().first == "port" else { return .at(address, port: nil) }
        switch ServerSettingCommands.port(words.dropFirst(2).first) {
        case .at(_, let port): return .at(address, port: port)
        case .refused(let sentence): return .refused(sentence)
        }
    }

    private static func port(_ word: String?) -> Place {
        guard let number = word.flatMap({ Int($0) }) else {
            return .refused("provided port is not an integer")
        }
        guard let port = UInt16(exactly: number), port > 0 else {
            return .refused("provided port is invalid")
        }
        return .at("", port: port)
    }

    private func setCheckAddress(_ words: ArraySlice<String>) -> String {
        if !words.isEmpty, server.model.check?.probe == nil {
            return "health checks are not enabled on this server"
        }
        switch place(words, "check-addr") {
        case .at(let address, let port): return order(.change(.check(address: address, port: port)))
        case .refused(let sentence): return sentence
        }
    }

    private func setCheckPort(_ word: String?) -> String {
        guard let word else { return "set server <b>/<s> check-port requires a port.\n" }
        guard server.model.check?.probe != nil else { return "health checks are not enabled on this server" }
        switch ServerSettingCommands.port(word) {
        case .at(_, let port): return order(.change(.check(address: nil, port: port)))
        case .refused(let sentence): return sentence
        }
    }

    private func setAgentAddress(_ words: ArraySlice<String>) -> String {
        if !words.isEmpty, server.model.check?.agent == nil {
            return "agent checks are not enabled on this server"
        }
        switch place(words, "agent-addr") {
        case .at(let address, let port):
            return order(.change(.agent(address: address, port: port, greeting: nil)))
        case .refused(let sentence): return sentence
        }
    }

    private func setAgentPort(_ word: String?) -> String {
        guard let word else { return "set server <b>/<s> agent-port requires a port.\n" }
        guard server.model.check?.agent != nil else { return "agent checks are not enabled on this server" }
        switch ServerSettingCommands.port(word) {
        case .at(_, let port): return order(.change(.agent(address: nil, port: port, greeting: nil)))
        case .refused(let sentence): return sentence
        }
    }

    private func setGreeting(_ word: String?) -> String {
        guard server.model.check?.agent != nil else {
            return "agent checks are not enabled on this server.\n"
        }
        return order(.change(.agent(address: nil, port: nil, greeting: word ?? "")))
    }

    private func setHealth(_ word: String?) -> String {
        guard server.model.check?.follows == nil else {
            return "cannot change health on a tracking server.\n"
        }
        guard let health = word.flatMap({ ServerHealthWord(rawValue: $0) }) else {
            return "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n"
        }
        return order(.health(health))
    }

    private func setAgent(_ word: String?) -> String {
        guard server.model.check?.agent != nil else {
            return "agent checks are not enabled on this server.\n"
        }
        guard let word, ["up", "down"].contains(word) else {
            return "'set server <srv> agent' expects 'up' or 'down'.\n"
        }
        return order(.agent(isUp: word == "up"))
    }

    // MARK: TLS

    private func setTLS(_ word: String?) -> String {
        guard server.knowsTLS else {
            return "'set server <srv> ssl' cannot be set.  default-server should define ssl settings\n"
        }
        guard let word, ["on", "off"].contains(word) else {
            return "'set server <srv> ssl' expects 'on' or 'off'.\n"
        }
        return order(.change(.tls(word == "on")), "server ssl setting updated.\n")
    }
}
