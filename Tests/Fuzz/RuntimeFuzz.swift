import Admin
import Basics
import ConfigLanguage
import Engine
import Model

/// Any bytes as what a client of the runtime API says: every line is answered, and whoever may only look changes nothing. The first
/// byte is the client's level. Nothing is checked and nobody connects: no address that is made up here is ever used.
@c(LLVMFuzzerTestOneInput)
public func fuzzRuntime(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    guard size > 0 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: data + 1, count: size - 1))
    let level: RuntimeLevel =
        switch data[0] & 3 {
        case 0: .user
        case 1: .operator
        default: .admin
        }
    let (engine, api) = RunningEngine.shared
    let told = api.transcript(of: input, level: level)
    let isWhole = input.contains(UInt8(ascii: "\n")) && input.count <= 4_096
    if told.isEmpty, isWhole, !input.contains(UInt8(ascii: "<")), !asksToEnd(input) {
        require(false, "a line without an answer")
    }
    if level == .user { require(engine.server("s", of: "b")?.model.port == 1, "a user has changed a server") }
    // Each input finds the same.
    engine.endSteering()
    require(engine.server("s", of: "b")?.model.port == 1, "what was changed does not go back")
    return 0
}

/// `quit` may be the first command of a line.
private func asksToEnd(_ input: [UInt8]) -> Bool {
    let text = Array("quit".utf8)
    guard input.count >= text.count else { return false }
    return (0...input.count - text.count).contains { input[$0..<$0 + text.count].elementsEqual(text) }
}

private enum RunningEngine {
    static let shared: (engine: Engine, api: RuntimeAPI) = start()

    private static let configuration = """
        defaults
            mode http
            timeout client 1s
            timeout connect 1s
            timeout server 1s
        userlist u
            user a insecure-password a
        backend b
            server s 127.0.0.1:1
            server t 127.0.0.1:2 backup disabled
        backend still
            balance static-rr
            server s 127.0.0.1:1
        backend t
            stick-table type string size 10 store gpc0,http_req_rate(10s)
        """

    private static func start() -> (Engine, RuntimeAPI) {
        let text = ConfigurationText.read(
            [ConfigurationFile(name: "a.cfg", bytes: Array(configuration.utf8))],
            Surroundings(
                environment: [:], read: { _ in .unreadable("there are no files here") }, resolve: { _ in nil }
            ))
        let engine = Engine(EngineOptions(workers: 1))
        do {
            try engine.start([Frontend(name: "f", binds: [])])
        } catch {
            require(false, "\(error)")
        }
        var change = Change(from: Configuration(), to: text.configuration)
        change.frontends = [Frontend(name: "f", binds: [])]
        let entry = PatternList.Entry(Array("k".utf8), Array("v".utf8))
        let use = PatternUse(.text(.exact), output: .text)
        change.patterns = [PatternListName("m"): PatternList(id: 0, entries: [entry], uses: [use])]
        engine.publish(change)
        var facts = RuntimeFacts(
            engine: engine, version: "0", node: "n", startedAt: 0, maxConnections: 10,
            environment: ["A": "a"],
            sockets: [("unix@/a", .admin)])
        facts.readServer = { name, backend, words in
            guard case .server(var server) = text.addedServers.read(name, in: backend, words) else {
                return .refused("it can not be read")
            }
            server.check = nil
            return .server(server)
        }
        return (engine, RuntimeAPI(facts))
    }
}
