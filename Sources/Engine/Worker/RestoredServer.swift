import Model

/// What becomes of a server that a file of states tells of, by HAProxy's rules: what the configuration says anew counts, and what operators
/// had said of it before counts where the configuration is what it was.
struct RestoredServer {
    private let record: ServerStateRecord

    init(_ record: ServerStateRecord) { self.record = record }

    /// What was changed of its line. Whether TLS is spoken is never taken from a file: one that is old must not make a server be
    /// spoken to in the clear.
    func edits(of server: Server) -> [ServerEdit] {
        var edits: [ServerEdit] = []
        if let name = record.name, record.administration.contains(.renamed),
            let resolution = server.resolution, !resolution.isService, resolution.name != name
        {
            edits.append(.name(name))
        }
        if let place = place(of: server) { edits.append(.address(place.address, port: place.port)) }
        // Of what does not take place nothing is changed.
        if let check = server.check, check.probe != nil, !record.pausesCheck {
            let address = record.checkAddress.flatMap { $0 == check.address ? nil : $0 }
            let port = record.checkPort == 0 || record.checkPort == check.port ? nil : record.checkPort
            if address != nil || port != nil { edits.append(.check(address: address, port: port)) }
        }
        if let agent = server.check?.agent, !record.pausesAgent {
            let address = record.agentAddress.flatMap { $0 == agent.address ? nil : $0 }
            let port = record.agentPort == 0 || record.agentPort == agent.port ? nil : record.agentPort
            if address != nil || port != nil {
                edits.append(.agent(address: address, port: port, greeting: nil))
            }
        }
        return edits
    }

    /// Where it is, if that is elsewhere than its line says: its port always counts, its address where it is found by a name.
    private func place(of server: Server) -> (address: String, port: UInt16)? {
        guard !server.isLocal, !server.followsDestination else { return nil }
        let address = record.address ?? server.address
        let port = server.resolution != nil || record.port == 0 ? server.port : record.port
        return address == server.address && port == server.port ? nil : (address, port)
    }

    /// What operators have said of it.
    func steering(of server: Server) -> ServerSteering {
        var steering = ServerSteering()
        steering.state = state(of: server)
        if record.configuredWeight == server.weight, record.weight != server.weight {
            steering.weight = record.weight
        }
        steering.pausesCheck = record.pausesCheck && server.check?.probe != nil
        steering.pausesAgent = record.pausesAgent && server.check?.agent != nil
        // Nobody would find out that one is up again which was only out of service.
        guard server.check == nil, record.administration.isDisjoint(with: .outOfService) else {
            return steering
        }
        switch record.operation {
        case .stopped: steering.health = .down
        case .stopping: steering.health = .stopping
        case .starting, .running: break
        }
        return steering
    }

    private func state(of server: Server) -> ServerAdminState {
        let wasDisabled = record.administration.contains(.disabled)
        let wasMaintained = record.administration.contains(.maintenance)
        // What the line says now, where it says something else than before.
        if wasDisabled != server.isDisabled {
            if server.isDisabled { return .maintenance }
        } else if wasMaintained {
            return .maintenance
        }
        // One that was drained because its weight was 0 is not drained by anybody.
        return record.administration.contains(.drain) && record.configuredWeight > 0 ? .drain : .ready
    }

    /// How its check begins. One that was out of service was stopped: it is down until its check, or an operator who takes it back into
    /// service, says otherwise.
    func health(rise: Int, fall: Int) -> RestoredHealth {
        let highest = rise + fall - 1
        let status = CheckStatus(number: record.checkStatus) ?? .initializing
        switch record.operation {
        case .stopping where fall > 1:
            let level = (rise..<highest).contains(record.checkLevel) ? record.checkLevel : rise
            return RestoredHealth(level: level, isDraining: true, status: status)
        case .stopped, .stopping: return RestoredHealth(level: 0, isDraining: false, status: status)
        case .starting:
            return RestoredHealth(level: rise == 1 ? highest : rise, isDraining: false, status: status)
        case .running: return RestoredHealth(level: highest, isDraining: false, status: status)
        }
    }
}
