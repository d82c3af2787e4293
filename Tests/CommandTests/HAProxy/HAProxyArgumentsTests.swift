import Testing

@testable import Command

@Suite struct HAProxyArgumentsTests {
    private func parse(_ line: String) throws -> HAProxyArguments {
        try HAProxyArguments(line.split(separator: " ").map(String.init))
    }

    private func mistake(_ line: String) -> String? {
        do {
            _ = try parse(line)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "the program is meant by the last part of its name",
        arguments: [
            ("haproxy", true), ("/usr/sbin/haproxy", true), ("sluice", false), ("haproxy/sluice", false),
            ("", false),
        ])
    func names(name: String, isMeant: Bool) { #expect(HAProxyArguments.isMeant(by: name) == isMeant) }

    @Test("files stand behind -f and --")
    func files() throws {
        #expect(try parse("-f a -f b").files == ["a", "b"])
        #expect(try parse("-f a -- b -c").files == ["a", "b", "-c"])
        #expect(try parse("-f a -- b -c").job == .serve)
    }

    @Test("what systemd starts")
    func systemd() throws {
        let line = try parse(
            "-Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock")
        #expect(line.isMaster && line.notifies && !line.isDaemon && !line.staysInForeground)
        #expect(line.processFile == "/run/haproxy.pid")
        #expect(line.masterSockets == ["/run/haproxy-master.sock"])
    }

    @Test("what containers start")
    func container() throws {
        let line = try parse("-W -db -f /usr/local/etc/haproxy/haproxy.cfg")
        #expect(line.isMaster && line.staysInForeground && !line.notifies)
    }

    @Test(
        "jobs that do not serve",
        arguments: [
            ("-v", HAProxyArguments.Job.version(isLong: false)), ("-vv", .version(isLong: true)),
            ("-c -f a", .check), ("-cc 1", .evaluate("1")), ("-h", .usage), ("-D -f a", .serve),
        ])
    func jobs(line: String, job: HAProxyArguments.Job) throws { #expect(try parse(line).job == job) }

    @Test("predecessors are the numbers that follow, and the last list counts")
    func predecessors() throws {
        let line = try parse("-f a -sf 12 13 -D")
        #expect(line.predecessors == .init(processes: [12, 13]) && line.isDaemon)
        #expect(try parse("-st 5 -f a").predecessors == .init(processes: [5], mayFinish: false))
        #expect(try parse("-f a -sf").predecessors.processes == [])
        #expect(mistake("-sf 0 -f a") == "unexpected word '0'; files stand behind -f or --")
    }

    @Test("limits, names and places")
    func values() throws {
        let line = try parse("-n 10 -N 20 -L me -C /x -x /old -m 512 -q -V -dW -dr -d")
        #expect((line.maxConnections, line.maxConnectionsOfProxies) == (10, 20))
        #expect((line.localPeer, line.folder, line.previousSocket) == ("me", "/x", "/old"))
        #expect(
            line.toleratesUnknownNames && line.isQuiet && line.isVerbose && line.refusesWarnings
                && line.staysInForeground)
        #expect(line.idle.map { $0.prefix(2) } == ["-m"])
    }

    @Test(
        "switches of parts that are not here are accepted and told",
        arguments: ["-dM", "-dMno-merge", "-de", "-dR", "-dKall"])
    func idle(word: String) throws { #expect(try parse(word).idle == ["\(word): it changes nothing here"]) }

    @Test(
        "what can not be understood is named",
        arguments: [
            ("-f", "'-f': a value is missing"), ("-n x", "'-n': 'x' is not a number"),
            ("-n -1", "'-n': '-1' is not a number"), ("--foo", "unknown option '--foo'"),
            ("-", "unexpected word '-'; files stand behind -f or --"),
            ("a.cfg", "unexpected word 'a.cfg'; files stand behind -f or --"),
        ])
    func mistakes(line: String, sentence: String) { #expect(mistake(line) == sentence) }

    @Test("the long version says of each feature whether it is there")
    func version() {
        #expect(HAProxyVersion.long.hasPrefix(HAProxyVersion.short))
        #expect(HAProxyVersion.long.contains(" +OPENSSL ") && HAProxyVersion.long.contains(" -QUIC "))
    }

    @Test(
        "signals mean what they mean to haproxy",
        arguments: [
            (SignalManners.service, 15, SignalManners.Meaning.leave), (.service, 2, .leave),
            (.service, 1, .reread),
            (.haproxy, 15, .end), (.haproxy, 2, .end), (.haproxy, 10, .leave), (.haproxy, 12, .reread),
            (.haproxy, 1, .reread),
        ] as [(SignalManners, Int32, SignalManners.Meaning)])
    func signals(manners: SignalManners, number: Int32, meaning: SignalManners.Meaning) {
        #expect(manners.meaning(of: number) == meaning)
        #expect(manners.signals.contains(number))
    }

    @Test("a child knows what it is from one variable")
    func place() {
        #expect(WorkerPlace(["SLUICE_WORKER": "watched:3:4"])?.handover == 4)
        #expect(WorkerPlace(["SLUICE_WORKER": "detached:3:4"])?.kind == .detached)
        for text in ["", "watched", "watched:3", "watched:x:4", "other:3:4", "watched:3:4:5"] {
            #expect(WorkerPlace(["SLUICE_WORKER": text]) == nil, "\(text)")
        }
        #expect(WorkerPlace([:]) == nil)
    }
}
