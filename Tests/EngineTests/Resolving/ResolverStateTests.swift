import Model
import Testing
import Wire

@testable import Engine

@Suite("Servers that are found by name")
struct ResolverStateTests {
    @Test("a server gets the address of its name")
    func found() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.follow(["s"], of: "web") { $0.prefersV4 = true }
        #expect(run.told == ["s=10.0.0.1:80"])
        #expect(run.questions == ["web/ipv4"])
    }

    @Test("IPv6 is asked for first, and IPv4 where there is none")
    func otherFamily() {
        var run = ResolverRun()
        run.answers["web/ipv6"] = NameAnswer(.empty)
        run.answers["web/ipv4"] = ResolverRun.addresses("10.0.0.1")
        run.follow(["s"], of: "web")
        #expect(run.questions == ["web/ipv6", "web/ipv4"])
        #expect(run.told == ["s=10.0.0.1:80"])
    }

    @Test("servers of one name get one address each; who gets none is told so when it had one")
    func oneEach() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1", "10.0.0.2")
        run.follow(["s1", "s2", "s3"], of: "web", at: "10.9.9.9")
        #expect(run.told == ["s1=10.0.0.1:80", "s2=10.0.0.2:80", "s3=-:80 (No IP for server )"])
    }

    @Test("with allow-dup-ip they share what there is")
    func duplicates() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.follow(["s1", "s2"], of: "web") { $0.allowsDuplicates = true }
        #expect(run.told == ["s1=10.0.0.1:80", "s2=10.0.0.1:80"])
    }

    @Test("another backend may have the same addresses")
    func otherBackend() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.follow(["b/s", "c/t"], of: "web")
        #expect(run.told == ["s=10.0.0.1:80", "t=10.0.0.1:80"])
    }

    @Test("servers keep their addresses when the order of the answer changes")
    func stable() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1", "10.0.0.2")
        run.follow(["s1", "s2"], of: "web")
        run.told = []
        run.answers["web"] = ResolverRun.addresses("10.0.0.2", "10.0.0.1")
        run.wait(3_000)
        #expect(run.told == [])
    }

    @Test("only the server whose address is gone moves")
    func moves() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1", "10.0.0.2")
        run.follow(["s1", "s2"], of: "web")
        run.told = []
        run.answers["web"] = ResolverRun.addresses("10.0.0.3", "10.0.0.2")
        run.wait(1_100)
        #expect(run.told == ["s1=10.0.0.3:80"])
    }

    @Test("an address that is gone is kept for as long as obsolete ones are held")
    func obsolete() {
        var run = ResolverRun { $0.hold.obsolete = 2_500 }
        run.answers["web"] = ResolverRun.addresses("10.0.0.1", "10.0.0.2")
        run.follow(["s1", "s2"], of: "web")
        run.told = []
        run.answers["web"] = ResolverRun.addresses("10.0.0.2")
        run.wait(2_000)
        #expect(run.told == [])
        run.wait(1_500)
        #expect(run.told == ["s1=-:80 (No IP for server )"])
    }

    @Test(
        "while nobody knows, what was known is held, and then the server is nowhere until somebody knows again",
        arguments: [
            (.absent, "DNS NX status"), (.refused, "DNS refused status"), (.failed, "unspecified DNS error"),
        ] as [(NameAnswer.Outcome, String)])
    func held(outcome: NameAnswer.Outcome, reason: String) {
        var run = ResolverRun { settings in
            (settings.hold.absent, settings.hold.refused, settings.hold.other) = (5_000, 5_000, 5_000)
        }
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.follow(["s"], of: "web")
        run.told = []
        run.answers["web"] = NameAnswer(outcome)
        run.wait(4_500)
        #expect(run.told == [])
        run.wait(6_000)
        #expect(run.told == ["s=-:80 (\(reason))"])
        run.answers["web"] = ResolverRun.addresses("10.0.0.2")
        run.wait(4_000)
        #expect(run.told == ["s=-:80 (\(reason))", "s=10.0.0.2:80"])
    }

    @Test("silence is held by its own time")
    func silence() {
        var run = ResolverRun { settings in
            (settings.hold.timeout, settings.hold.absent) = (2_000, 600_000)
        }
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.follow(["s"], of: "web")
        run.answers["web"] = nil
        run.wait(10_000)
        #expect(run.told == ["s=10.0.0.1:80", "s=-:80 (DNS timeout status)"])
    }

    @Test("one question serves all servers of a name, and is put again an interval after its answer")
    func questions() {
        var run = ResolverRun { $0.interval = 2_000 }
        run.answers["web"] = ResolverRun.addresses("10.0.0.1", "10.0.0.2")
        run.follow(["s1", "s2"], of: "web") { $0.prefersV4 = true }
        #expect(run.questions.count == 1)
        run.wait(1_900)
        #expect(run.questions.count == 1)
        run.wait(200)
        #expect(run.questions.count == 2)
    }

    @Test("servers that stay keep their places when others come")
    func follows() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1", "10.0.0.2")
        run.follow(["s1"], of: "web")
        run.told = []
        run.follow(["s1", "s2"], of: "web")
        #expect(run.told == ["s2=10.0.0.2:80"])
    }

    @Test("names that nobody asks for any more are forgotten")
    func forgets() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.follow(["s"], of: "web")
        run.follow([], of: "web")
        run.wait(10_200)
        #expect(run.state.names.isEmpty)
        #expect(run.state.nextTime == nil)
    }

    @Test("answers are counted by what they are, and what comes too late is")
    func counts() {
        var run = ResolverRun()
        run.answers["web"] = ResolverRun.addresses("10.0.0.1")
        run.follow(["s"], of: "web")
        run.state.take([1, 2, 3], from: 0, at: run.now)
        run.state.take([1], from: 0, at: run.now)
        run.state.take([UInt8](repeating: 0, count: 513), from: 0, at: run.now)
        let counts = run.state.counts[0]
        #expect((counts.sent, counts.valid, counts.updates) == (1, 1, 1))
        #expect((counts.outdated, counts.invalid, counts.tooLarge) == (1, 1, 1))
    }
}
