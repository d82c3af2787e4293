import Engine
import Model
import Testing

@testable import Admin

@Suite("What the page of statistics is sent")
struct StatisticsFormTests {
    private func form(_ text: String) -> StatisticsForm { StatisticsForm(Array(text.utf8)) }

    @Test("servers, an action and a backend in any order")
    func whole() {
        for text in [
            "s=a&s=b&action=drain&b=%232", "b=%232&action=drain&s=a&s=b", "action=drain&s=a&b=#2&s=b",
        ] {
            let found = form(text)
            #expect(found.backend == "#2" && found.action == .drain && found.servers == ["b", "a"])
            #expect(!found.isBroken)
        }
    }

    @Test("of what may stand once the last one counts")
    func last() {
        #expect(form("b=x&b=y&action=maint&action=ready").backend == "y")
        #expect(form("b=x&b=y&action=maint&action=ready").action == .ready)
        #expect(form("action=none&action=ready").isBroken == false)
    }

    @Test("an action that is none breaks it, an empty one too", arguments: ["action=", "action=x", "action"])
    func unknownAction(text: String) {
        #expect(form(text).isBroken && form("s=a&" + text).isBroken)
    }

    @Test("escapes are undone; what is none ends the reading")
    func escapes() {
        #expect(form("s=a%20b+c").servers == ["a b c"])
        #expect(form("s=a&s=%zz&s=b").servers == ["b"])
        #expect(form("s=a&s=%4").servers == [])
    }

    @Test("nothing else is looked at, and nothing at all is nothing")
    func others() {
        #expect(form("x=y&&=&s&action=stop").servers == [""])
        #expect(form("") == form("x=1"))
        #expect(form(String(repeating: "x", count: 2_048)).isBroken)
        #expect(!form("s=" + String(repeating: "x", count: 2_045)).isBroken)
    }

    @Test("any bytes are read")
    func anything() {
        for length in 0..<60 {
            var seed = UInt64(length) &* 0x9E37_79B9_7F4A_7C15 | 1
            let bytes = (0..<length).map { _ in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return [
                    UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "="),
                    UInt8(truncatingIfNeeded: seed >> 40),
                ][
                    Int(seed >> 60) % 4]
            }
            #expect(StatisticsForm(bytes).servers.count <= length)
        }
    }

    @Test("what is so already is not done again by the older words")
    func older() {
        #expect(StatisticsAction.disable.order(.maintenance, nil) == nil)
        #expect(StatisticsAction.disable.order(.drain, nil) == .state(.maintenance))
        #expect(StatisticsAction.enable.order(.maintenance, nil) == .state(.ready))
        #expect(StatisticsAction.enable.order(.drain, nil) == nil)
        #expect(StatisticsAction.stop.order(.ready, nil) == .state(.drain))
        #expect(StatisticsAction.start.order(.drain, nil) == .state(.ready))
        #expect(StatisticsAction.start.order(.ready, nil) == nil)
        for state in [ServerAdminState.ready, .drain, .maintenance] {
            #expect(StatisticsAction.ready.order(state, nil) == .state(.ready))
            #expect(StatisticsAction.endSessions.order(state, nil) == .endSessions)
        }
    }

    @Test("checks and agents that are not there are not spoken of")
    func absent() {
        for action in [
            StatisticsAction.ignoreChecks, .heedChecks, .ignoreAgent, .heedAgent, .agentUp, .agentDown,
        ] {
            #expect(action.order(.ready, nil) == nil)
        }
        #expect(StatisticsAction.healthDown.order(.ready, nil) == .health(.down))
    }

    @Test(
        "outcomes",
        arguments: [
            (0, 0, StatisticsOutcome.unchanged), (0, 2, .broken), (1, 2, .partial), (2, 2, .done),
            (1, 1, .done),
        ])
    func outcomes(changed: Int, counted: Int, outcome: StatisticsOutcome) {
        #expect(StatisticsOutcome(changed: changed, of: counted) == outcome)
    }

    @Test("whoever has changed something is sent to what it saw")
    func address() {
        func address(_ target: String) -> String {
            PageWishes(target, uri: "/s").address("/s", after: .done)
        }
        #expect(address("/s") == "/s;st=DONE")
        #expect(address("/s;norefresh;up;st=NONE") == "/s;st=DONE;up;norefresh")
        #expect(address("/s?scope=web") == "/s;st=DONE?scope=web")
        #expect(address("/s?scope=%0d%0a") == "/s;st=DONE")
        #expect(address("/s;scope=\r\nX: y") == "/s;st=DONE")
    }

    @Test("the page says what came of it")
    func notices() {
        #expect(PageWishes("/s;st=DONE;up", uri: "/s").outcome == .done)
        #expect(PageWishes("/s;st=what", uri: "/s").outcome == .unknown)
        #expect(PageWishes("/s;up", uri: "/s").outcome == nil)
        #expect(Set(StatisticsOutcome.allCases.map(\.sentence)).count == StatisticsOutcome.allCases.count)
    }
}
