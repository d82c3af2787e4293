import Engine
import Model
import Testing

@testable import Admin

@Suite("Commands about statistics")
struct StatisticsCommandsTests {
    private func said(_ line: [String], _ level: RuntimeLevel = .admin) -> String {
        let commands = StatisticsCommands(engine: Engine(EngineOptions(workers: 1)), processLimit: 10)
            .commands
        return RuntimeAPI(commands).answer(RuntimeCall(words: line, payload: nil, level: level))
    }

    @Test("without sections there is a line of names")
    func empty() {
        #expect(said(["show", "stat"]).hasPrefix("# pxname,svname,"))
        #expect(said(["show", "stat", "json"]) == "[]\n")
        #expect(said(["show", "stat", "typed"]) == "")
        #expect(said(["show", "stat", "none", "1", "1"]) == "No such proxy.\n")
    }

    @Test("who may only look clears nothing")
    func levels() {
        #expect(said(["clear", "counters"], .user) == "Permission denied\n")
        #expect(said(["clear", "counters", "all"]) == "")
    }

    @Test("no words of a client do any harm")
    func anything() {
        let words = [
            "", "-1", "0", "1", "2", "999999999999999999999", "-9223372036854775808", "9223372036854775807",
            "typed",
            "json", "up", "no-maint", "desc", "domain", "proxy", "resolvers", "\u{0}", "ü", "a;b", "%", "@1",
            "#2",
        ]
        var state: UInt64 = 42
        for _ in 0..<2_000 {
            var line = ["show", "stat"]
            while true {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let pick = Int(state >> 33) % (words.count + 6)
                guard pick < words.count else { break }
                line.append(words[pick])
            }
            _ = said(line, .user)
        }
    }
}
