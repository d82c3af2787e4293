import Model
import Testing

@testable import Engine

@Suite("What becomes of a server that a file of states tells of")
struct RestoredServerTests {
    private func record(_ change: (inout ServerStateRecord) -> Void = { _ in }) -> ServerStateRecord {
        var record = ServerStateRecord()
        change(&record)
        return record
    }

    private func state(_ bits: Int, weight: Int = 1, disabled: Bool = false, now: Int = 1) -> ServerAdminState
    {
        var server = Server(address: "10.0.0.1", port: 80, name: "s")
        (server.isDisabled, server.weight) = (disabled, now)
        let record = record {
            $0.administration = .init(rawValue: bits)
            $0.configuredWeight = weight
        }
        return RestoredServer(record).steering(of: server).state
    }

    @Test("what the line says anew counts; where it is what it was, operators' words do")
    func administration() {
        #expect(state(0) == .ready && state(1) == .maintenance && state(8) == .drain)
        // The line has become 'disabled', or is so no more.
        #expect(state(0, disabled: true) == .maintenance && state(8, disabled: true) == .maintenance)
        #expect(state(5) == .ready && state(12) == .drain)
        // It has always been disabled: out of service unless an operator has said otherwise.
        #expect(state(5, disabled: true) == .maintenance && state(4, disabled: true) == .ready)
        #expect(state(12, disabled: true) == .drain)
        // What it had of others is found out anew.
        #expect(state(2) == .ready && state(16) == .ready && state(32) == .ready)
        // Drained by the weight of its line.
        #expect(state(8, weight: 0, now: 0) == .ready && state(8, weight: 0) == .ready)
    }

    @Test("an operator's weight counts while the configured one is what it was")
    func weights() {
        var server = Server(address: "10.0.0.1", port: 80, name: "s")
        server.weight = 9
        func weight(_ weight: Int, of configured: Int) -> Int? {
            RestoredServer(record { ($0.weight, $0.configuredWeight) = (weight, configured) })
                .steering(of: server).weight
        }
        #expect(weight(7, of: 9) == 7 && weight(0, of: 9) == 0)
        #expect(weight(9, of: 9) == nil && weight(7, of: 8) == nil)
    }

    @Test("one that nobody checks is as an operator has said, unless it was out of service")
    func unchecked() {
        var server = Server(address: "10.0.0.1", port: 80, name: "s")
        func health(_ operation: ServerStateRecord.Operation, _ bits: Int = 0) -> ServerHealthWord? {
            let record = record {
                $0.operation = operation
                $0.administration = .init(rawValue: bits)
            }
            return RestoredServer(record).steering(of: server).health
        }
        #expect(health(.stopped) == .down && health(.stopping) == .stopping && health(.running) == nil)
        #expect(health(.stopped, 1) == nil && health(.stopped, 32) == nil && health(.stopped, 4) == .down)
        server.check = ServerCheck()
        #expect(health(.stopped) == nil)
    }

    @Test(
        "a check begins as the last one ended",
        arguments: [
            (0, 4, RestoredHealth(level: 0, isDraining: false, status: .connectFailed)),
            (1, 0, RestoredHealth(level: 2, isDraining: false, status: .connectFailed)),
            (2, 0, RestoredHealth(level: 4, isDraining: false, status: .connectFailed)),
            (3, 3, RestoredHealth(level: 3, isDraining: true, status: .connectFailed)),
            (3, 4, RestoredHealth(level: 2, isDraining: true, status: .connectFailed)),
            (3, 1, RestoredHealth(level: 2, isDraining: true, status: .connectFailed)),
        ])
    func health(operation: Int, level: Int, expected: RestoredHealth) {
        let record = record {
            $0.operation = .init(rawValue: operation) ?? .running
            ($0.checkLevel, $0.checkStatus) = (level, 8)
        }
        #expect(RestoredServer(record).health(rise: 2, fall: 3) == expected)
    }

    @Test("a check of one rise or one fall has no steps between, and what was out of service was stopped")
    func borders() {
        let starting = RestoredServer(record { $0.operation = .starting })
        #expect(starting.health(rise: 1, fall: 3).level == 3)
        let stopping = RestoredServer(record { ($0.operation, $0.checkLevel) = (.stopping, 2) })
        #expect(stopping.health(rise: 2, fall: 1).level == 0)
        let maintained = RestoredServer(
            record { ($0.operation, $0.administration) = (.stopped, .maintenance) })
        #expect(maintained.health(rise: 2, fall: 3).level == 0)
        // Numbers of programs that checked, or of nothing.
        #expect(
            RestoredServer(record { $0.checkStatus = 18 }).health(rise: 2, fall: 3).status == .initializing)
    }

    @Test("its port always counts, its address where the record has one, and where it is checked")
    func edits() {
        var server = Server(address: "10.0.0.1", port: 80, name: "s")
        func edits(_ change: (inout ServerStateRecord) -> Void) -> [ServerEdit] {
            RestoredServer(record(change)).edits(of: server)
        }
        #expect(edits { $0.port = 80 } == [] && edits { $0.port = 0 } == [])
        #expect(edits { $0.port = 81 } == [.address("10.0.0.1", port: 81)])
        #expect(edits { $0.address = "10.0.0.9" } == [.address("10.0.0.9", port: 80)])
        #expect(edits { ($0.checkPort, $0.agentPort) = (7, 8) } == [])
        var check = ServerCheck()
        check.probe = .connect
        check.agent = AgentCheck(port: 9)
        server.check = check
        #expect(
            edits { ($0.checkPort, $0.checkAddress, $0.agentPort) = (7, "10.0.0.8", 8) }
                == [.check(address: "10.0.0.8", port: 7), .agent(address: nil, port: 8, greeting: nil)])
        #expect(
            edits { ($0.checkPort, $0.pausesCheck, $0.agentPort, $0.pausesAgent) = (7, true, 8, true) } == [])
        server.isLocal = true
        #expect(edits { $0.port = 81 } == [])
    }

    @Test("a name that an operator has given counts; one that the line had before does not")
    func names() {
        var server = Server(address: "10.0.0.1", port: 80, name: "s")
        server.resolution = ServerResolution(of: "new.example", port: 80, by: "r")
        func edits(_ bits: Int) -> [ServerEdit] {
            let record = record {
                $0.name = "old.example"
                ($0.administration, $0.port) = (.init(rawValue: bits), 81)
            }
            return RestoredServer(record).edits(of: server)
        }
        #expect(edits(64) == [.name("old.example")] && edits(0) == [])
    }
}
