import Model
import Testing

@testable import ConfigLanguage

@Suite("Logs of the configuration language")
struct LoggingDirectivesTests {
    private func read(_ lines: String, global: String = "", mode: String = "http") -> ConfigurationText {
        let text =
            "global\n\(global)\ndefaults\n mode \(mode)\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
            + "frontend f\n bind :1\n\(lines)\n"
        var surroundings = Surroundings.nothing
        surroundings.hostName = "here"
        return ConfigurationText.read(
            [ConfigurationFile(name: "t.cfg", bytes: Array(text.utf8))], surroundings)
    }

    private func logging(_ lines: String, global: String = "", mode: String = "http") throws -> Logging {
        let text = read(lines, global: global, mode: mode)
        #expect(text.isUsable, "\(text.diagnostics)")
        return try #require(text.configuration.frontends.first?.logging)
    }

    private func target(_ line: String) throws -> LogTarget {
        try #require(try logging(" log \(line)").targets.first)
    }

    @Test("without a log line nothing is said of logs, whatever else is")
    func nothing() {
        #expect(read(" option httplog\n option dontlognull").configuration.frontends.first?.logging == nil)
        #expect(read(" log global").configuration.frontends.first?.logging?.targets == [])
    }

    @Test(
        "addresses",
        arguments: [
            ("127.0.0.1 local0", LogAddress.udp("127.0.0.1", port: 514)),
            ("127.0.0.1:1514 local0", .udp("127.0.0.1", port: 1514)),
            ("udp@10.0.0.1:5 local0", .udp("10.0.0.1", port: 5)), ("[::1]:5 local0", .udp("::1", port: 5)),
            ("::1 local0", .udp("::1", port: 514)), ("/dev/log local0", .unixDatagram(path: "/dev/log")),
            ("unix@/a local0", .unixDatagram(path: "/a")), ("stdout local0", .descriptor(1)),
            ("stderr local0", .descriptor(2)), ("fd@2 local0", .descriptor(2)),
        ] as [(String, LogAddress)])
    func addresses(line: String, expected: LogAddress) throws {
        #expect(try target(line).address == expected)
    }

    @Test("rings are named by targets, and connections have one of their own")
    func rings() throws {
        let text =
            "ring r\n description \"all of it\"\n format rfc5424\n maxlen 2000\n size 1m\n timeout connect 5s\n timeout server 9s\n"
            + " server a 127.0.0.1:601 log-proto octet-count\n server b 127.0.0.2:602 log-proto legacy\n"
            + "frontend g\n log ring@r local3"
        var ring = LogRing(name: "r")
        (ring.framing, ring.maxLength, ring.size, ring.connectTimeout) = (.rfc5424, 2_000, 1_048_576, 5_000)
        ring.servers = [
            LogRing.Server("127.0.0.1", port: 601, countsOctets: true),
            LogRing.Server("127.0.0.2", port: 602),
        ]
        let found = read(" log ring@r local0\n\(text)")
        #expect(found.isUsable, "\(found.diagnostics)")
        #expect(
            found.configuration.frontends.map { $0.logging?.targets.first?.address } == [
                .ring(ring), .ring(ring),
            ])
        guard case .ring(let own) = try target("tcp@127.0.0.1:601 len 500 format iso local0").address else {
            return #expect(Bool(false), "no ring")
        }
        #expect(own.servers == [LogRing.Server("127.0.0.1", port: 601)])
        #expect((own.framing, own.maxLength) == (nil, 0))
    }

    @Test("rings of global's lines stand behind it")
    func ringsOfGlobal() throws {
        let lines = " log ring@r local0\n log ring@r profile p local1"
        let sections = "\nring r\n format priority\nlog-profile p\n on any format \"x\""
        let found = read(" log global" + sections, global: lines)
        #expect(found.isUsable, "\(found.diagnostics)")
        var ring = LogRing(name: "r")
        ring.framing = .priority
        let logging = try #require(found.configuration.frontends.first?.logging)
        #expect(logging.targets == [LogTarget(.ring(ring))])
        #expect(logging.profiled.map(\.target.address) == [.ring(ring)])
        #expect(logging.profiled.map(\.profile.name) == ["p"])
        #expect(found.global.logging.targets == logging.targets)
        let missing = read(" log global", global: " log ring@none local0")
        #expect(missing.diagnostics.map(\.message) == ["no ring is called 'none'"])
        #expect(missing.diagnostics.first?.location?.line == 2)
        #expect(read(" log global", global: " log ring@none local0\n no log").isUsable)
    }

    @Test(
        "mistakes in rings",
        arguments: [
            ("size 0", "a size from 1 to 1g"), ("format odd", "one of local"),
            ("maxlen 0", "from 1 to 65535"),
            ("timeout queue 1s", "'timeout queue'"), ("server a", "an address and a port is missing"),
            ("server a 127.0.0.1:1 check", "'server … check in a ring' exists"),
            ("backing-file /x", "'backing-file' exists"),
            ("lines 5", "unknown keyword 'lines'"),
        ])
    func ringMistakes(line: String, expected: String) {
        let text = read("ring r\n \(line)")
        #expect(text.diagnostics.contains { $0.message.contains(expected) }, "\(text.diagnostics)")
    }

    @Test("everything behind an address")
    func options() throws {
        var expected = LogTarget(.descriptor(1))
        expected.maxLength = 300
        expected.framing = .rfc5424
        expected.sample = LogSample("1,3:4")
        expected.facility = try #require(LogFacility(name: "daemon"))
        (expected.leastLevel, expected.mostLevel) = (.information, .notice)
        #expect(
            try target("stdout len 300 format rfc5424 sample 1,3:4 daemon info notice") == expected)
    }

    @Test("global's targets, tag and host are for those who ask, each once")
    func global() throws {
        let found = try logging(
            " log global\n log global\n log stderr local1\n log global",
            global: " log stdout local0\n log /a local0\n log-tag all\n log-send-hostname")
        #expect(found.targets.map(\.address) == [.descriptor(1), .unixDatagram(path: "/a"), .descriptor(2)])
        #expect(found.tag == "all")
        #expect(found.hostName == "here")
        let own = try logging(" log global\n log-tag own", global: " log stdout local0\n log-tag all")
        #expect(own.tag == "own")
        #expect(own.hostName == nil)
    }

    @Test("no log forgets what was said before")
    func negated() throws {
        let found = try logging(" log stdout local0\n no log\n log stderr local0")
        #expect(found.targets.map(\.address) == [.descriptor(2)])
    }

    @Test("the last format counts, and flags can be taken back")
    func formats() throws {
        let line = " log stdout local0\n"
        #expect(try logging(line).format.description == "Connect from %ci:%cp to %fi:%fp (%f/HTTP)")
        #expect(try logging(line, mode: "tcp").format.description.hasSuffix("(%f/TCP)"))
        #expect(try logging(line + " option httplog\n log-format %ci").format.description == "%ci")
        #expect(try logging(line + " log-format %ci\n option httplog").format.description.hasSuffix("%{+Q}r"))
        #expect(
            try logging(line + " option httplog clf").format.description.hasPrefix(" %ci - - [%{+Q}trg] "))
        #expect(try logging(line + " option httpslog").format.description.hasSuffix("%sslv/%sslc"))
        #expect(try logging(line + " option tcplog").format.description.hasSuffix("%sq/%bq"))
        let flags = try logging(
            line
                + " option dontlognull\n option dontlog-normal\n no option dontlog-normal\n option log-separate-errors"
        )
        #expect((flags.skipsEmpty, flags.skipsNormal, flags.separatesErrors) == (true, false, true))
        let others = try logging(line + " error-log-format %ci\n log-format-sd [a]")
        #expect(others.errorFormat?.description == "%ci")
        #expect(others.structuredData?.description == "[a]")
    }

    @Test("in mode tcp lines of requests are those of connections, or a mistake")
    func sessions() throws {
        let text = read(" log stdout local0\n option httplog", mode: "tcp")
        #expect(text.isUsable)
        #expect(text.diagnostics.contains { $0.message.contains("Falling back to 'option tcplog'") })
        #expect(text.configuration.frontends.first?.logging?.format.description.hasSuffix("%sq/%bq") == true)
        let wrong = read(" log stdout local0\n log-format %HM", mode: "tcp")
        #expect(wrong.diagnostics.contains { $0.message.contains("'HM' is reserved for HTTP mode") })
        #expect(!wrong.isUsable)
    }

    @Test(
        "mistakes",
        arguments: [
            ("log 127.0.0.1", "a facility: kern"), ("log 127.0.0.1 local9", "'local9' at column 16"),
            ("log stdout len 79 local0", "from 80 to 65535"),
            ("log stdout format x local0", "one of local, rfc3164"),
            ("log stdout sample 1 local0", "ranges that do not overlap"),
            ("log stdout local0 loud", "one of emerg"),
            ("log stdout local0 info err x", "unexpected 'x'"), ("log nowhere local0", "has no address"),
            ("log 127.0.0.1:0 local0", "a port from 1 to 65535"),
            ("log fd@5 local0", "'fd@5' exists in HAProxy"),
            ("no log stdout", "does not expect arguments"), ("log ring@r local0", "no ring is called 'r'"),
            ("log-format %foo", "no such format variable 'foo' at column 14"),
            ("log stdout profile", "the name of a log-profile is missing"),
            ("log stdout profile none local0", "no log-profile is called 'none'"),
        ])
    func mistakes(line: String, expected: String) {
        let text = read(" log stdout local0\n \(line)")
        #expect(!text.isUsable)
        #expect(text.diagnostics.contains { $0.message.contains(expected) }, "\(text.diagnostics)")
    }

    private static let profiles = """
         log 127.0.0.1:5 profile q local1
        log-profile p
         log-tag edge
         on error drop
         on any format "%ci %ST" sd [a]
         on http-req format %HM
        log-profile q
         on close drop format %ci
        """

    @Test("a target may have a profile, which says how its lines are written")
    func profiles() throws {
        let logging = try logging(
            " log global\n log stdout local0\n log 127.0.0.1 format raw profile p local0",
            global: Self.profiles)
        #expect(logging.targets.map(\.address) == [.descriptor(1)])
        #expect(logging.profiled.map(\.profile.name) == ["q", "p"])
        let profile = try #require(logging.profiled.last?.profile)
        #expect(logging.profiled.last?.target.framing == .raw)
        #expect(profile.tag == "edge")
        #expect(profile.step(.error)?.isDropped == true)
        #expect(profile.step(.close)?.structuredData != nil)
        #expect(profile.step(.close)?.format?.parts.count == 3)
        #expect(profile.step(.requestRule)?.format?.parts.count == 1)
        // What is said behind 'drop' takes it back.
        #expect(logging.profiled.first?.profile.step(.close)?.isDropped == false)
        #expect(logging.profiled.first?.profile.step(.error) == nil)
    }

    @Test(
        "mistakes in profiles",
        arguments: [
            ("on", "one of accept, request"), ("on never drop", "one of accept, request"),
            ("on close", "'drop', 'format' or 'sd' is missing"),
            ("on close x", "expected 'drop', 'format' or 'sd'"),
            ("on close format", "a format such as"), ("off", "unknown keyword 'off'"),
            ("log-tag", "a tag is missing"),
            ("on any drop\nlog-profile p", "'p' is the name of the log-profile of t.cfg:"),
        ])
    func profileMistakes(lines: String, expected: String) {
        let text = read(" log stdout local0", global: "log-profile p\n\(lines)")
        #expect(text.diagnostics.contains { $0.message.contains(expected) }, "\(text.diagnostics)")
    }

    @Test("a step at which no line is written is warned about", arguments: LogStep.allCases)
    func unreachedSteps(step: LogStep) {
        let text = read(" log stdout local0", global: "log-profile p\non \(step.rawValue) drop")
        let told = text.diagnostics.filter { $0.message.contains("no line is written at '\(step.rawValue)'") }
        #expect(told.count == (step.isReached ? 0 : 1))
        #expect(told.allSatisfy { $0.severity == .warning })
    }

    @Test("lines may be written by rules about connections")
    func manualOfConnections() throws {
        let words = ["connection", "session", "content"].map {
            " tcp-request \($0) do-log if { src 192.0.2.1 }\n"
        }
        let frontend = try #require(
            read(" log stdout local0\n\(words.joined())").configuration.frontends.first)
        #expect(frontend.openingRules.connection.map(\.action) == [.log(.connectionRule)])
        #expect(frontend.openingRules.session.map(\.action) == [.log(.sessionRule)])
        #expect(frontend.rules.content.map(\.action) == [.log(.contentRule)])
    }

    @Test("lines may be written by rules")
    func manual() throws {
        let text = read(
            " log stdout local0\n http-request do-log if METH_GET\n http-response do-log\n http-after-response do-log"
        )
        let rules = try #require(text.configuration.frontends.first?.rules)
        #expect(rules.request.map(\.action) == [.log(.requestRule)])
        #expect(rules.response.map(\.action) == [.log(.responseRule)])
        #expect(rules.afterResponse.map(\.action) == [.log(.afterResponseRule)])
    }
}
