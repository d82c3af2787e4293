import Engine
import Model
import Testing

@testable import Admin

/// A stand-in for the fuzzer of the command line, on an engine that runs.
@Suite("Any words of clients of the runtime API")
struct RuntimeAnythingTests {
    private static let words = [
        "show", "set", "get", "add", "del", "clear", "enable", "disable", "shutdown", "new", "commit",
        "abort", "help",
        "prepare", "stat", "info", "servers", "state", "conn", "server", "frontend", "backend", "table",
        "map", "acl", "sess",
        "session", "sessions", "errors", "ssl", "cert", "weight", "maxconn", "global", "health", "agent",
        "addr", "port",
        "check-port", "check-addr", "agent-send", "fqdn", "activity", "libs", "env", "version", "cli",
        "level", "sockets",
        "counters", "all", "prompt", "user", "operator", "b/s", "b/c", "b", "f", "t", "m", "key", "data.gpc0",
        "data.x", "gt",
        "publish", "unpublish", "from", "mode", "http", "threads", "fd", "pools", "profiling", "tasks",
        "startup-logs", "echo", "wait", "srv-removable",
        "timeout",
        "check", "expert-mode",
        "ready", "drain", "maint", "up", "down", "stopping", "on", "off", "@1", "@99", "#0x1", "0x1", "-1",
        "0", "1", "256", "50%",
        "99999999999999999999", "-9223372036854775808", "127.0.0.1", "::1", "<<", ";", "\\", "\n", "\n\n",
        "\u{0}", "ü", "%", "*a",
    ]

    private func api() throws -> (RuntimeAPI, Engine) {
        let engine = Engine(EngineOptions(workers: 1))
        try engine.start([Frontend(name: "f", binds: [])])
        var servers = ["s", "c"].map { Server(address: "127.0.0.1", port: 1, identity: $0, name: $0) }
        servers[1].check = ServerCheck()
        servers[1].check?.interval = 3_600_000
        var change = Change()
        change.backends = [
            BackendName("b"): Backend(servers: servers, origin: Origin(namespace: "", name: "b"))
        ]
        change.tables = [TableName("t"): StickTable(type: .string(length: 16), size: 10)]
        let entry = PatternList.Entry(Array("k".utf8), Array("v".utf8))
        let use = PatternUse(.text(.exact), output: .text)
        change.patterns = [PatternListName("m"): PatternList(id: 0, entries: [entry], uses: [use])]
        engine.publish(change)
        let facts = RuntimeFacts(
            engine: engine, version: "0", node: "n", startedAt: 0, maxConnections: 10,
            environment: ["A": "a"],
            sockets: [("unix@/a", .admin)])
        return (RuntimeAPI(facts), engine)
    }

    @Test("none does any harm, and every line is answered", arguments: [1, 2, 3, 4] as [UInt64])
    func anything(seed: UInt64) throws {
        let (api, engine) = try api()
        defer { engine.stop() }
        var state = seed
        func pick(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        for _ in 0..<1_500 {
            var text = pick(2) == 0 ? "prompt\n" : ""
            for _ in 0..<(1 + pick(8)) { text += Self.words[pick(Self.words.count)] + " " }
            let level = RuntimeLevel.allCases[pick(3)]
            let told = api.transcript(of: Array((text + "\n\n").utf8), level: level)
            #expect(told.last == UInt8(ascii: "\n") || told.suffix(2) == Array("> ".utf8), "\(text)")
        }
        #expect(!engine.backendNames().isEmpty)
    }

    @Test("who may only look changes nothing")
    func levels() throws {
        let (api, engine) = try api()
        defer { engine.stop() }
        for line in [
            "set server b/s weight 7", "set server b/s addr 127.0.0.9", "disable frontend f",
            "new ssl cert a",
        ] {
            let told = api.transcript(of: Array((line + "\n").utf8), level: .operator)
            #expect(String(decoding: told, as: UTF8.self) == "Permission denied\n\n")
        }
        let report = engine.server("s", of: "b")
        #expect(report?.weight == 1)
        #expect(report?.model.address == "127.0.0.1")
    }

    @Test("what is HAProxy's and not here is named")
    func absent() throws {
        let (api, engine) = try api()
        defer { engine.stop() }
        let told = api.transcript(of: Array("show trace\n".utf8), level: .user)
        #expect(
            String(decoding: told, as: UTF8.self)
                == "'show trace' is not here: nothing is traced.\n\n")
    }
}
