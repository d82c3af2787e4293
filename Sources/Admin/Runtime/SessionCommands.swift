import Engine
import Model
import Wire

/// `show sess` and `shutdown session`.
struct SessionCommands: Sendable {
    let engine: Engine
    /// Writes a time, given in nanoseconds since 1970.
    let date: @Sendable (UInt64) -> String

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "show sess", "[id]", "report the list of current sessions or dump this exact session",
                .operator
            ) { show($0) },
            RuntimeCommand("shutdown session", "[id]", "kill a specific session", .admin) { shutdown($0) },
        ]
    }

    private func show(_ call: RuntimeCall) -> String {
        guard let word = call.words.first else { return engine.sessions().map(SessionText.line).joined() }
        let isAll = word == "all"
        let reports = isAll ? engine.sessions() : SessionCommands.id(word).map { engine.sessions($0) } ?? []
        guard isAll || !reports.isEmpty else { return "Session not found.\n" }
        let numbers = StatisticsTable(statistics: engine.statistics()).numbered
        return reports.map { SessionText.details($0, numbers, date) }.joined()
    }

    private func shutdown(_ call: RuntimeCall) -> String {
        guard let id = call.words.first.flatMap({ SessionCommands.id($0) }) else {
            return "Session pointer expected (use 'show sess').\n"
        }
        return engine.endSession(id) ? "" : "No such session (use 'show sess').\n"
    }

    /// `0x5f3a`.
    private static func id(_ word: String) -> UInt64? {
        word.hasPrefix("0x") ? UInt64(word.dropFirst(2), radix: 16) : nil
    }
}

/// Sessions as `show sess` has them. What is HAProxy's own there, flags and tasks, is 0.
enum SessionText {
    static func line(_ report: SessionReport) -> String {
        let flags = "f=0h,i=\(report.buffered.input),an=00h,rx=,wx=,ax="
        let others = "f=0h,i=\(report.buffered.output),an=00h,rx=,wx=,ax="
        return "\(pointer(report.id)): proto=\(family(report.source)) src=\(text(report.source)) "
            + "fe=\(report.frontend) be=\(report.backend ?? "<NONE>") srv=\(report.server ?? "<none>") ts=00 epoch=0 "
            + "age=\(span(report.age)) calls=\(report.number) rate=0 cpu=0 lat=0 rq[\(flags)] rp[\(others)] "
            + "scf=[8,0h,fd=\(report.descriptors.client)] scb=[8,1h,fd=\(report.descriptors.server)] exp= "
            + "rc=\(report.retries) c_exp=\n"
    }

    static func details(
        _ report: SessionReport, _ numbers: [(proxy: ProxyStatistics, id: UInt64)],
        _ date: (UInt64) -> String
    ) -> String {
        func section(_ name: String) -> String {
            guard let known = numbers.first(where: { $0.proxy.name == name }) else {
                return "\(name) (id=-1 mode=-)"
            }
            return "\(name) (id=\(known.id) mode=\(known.proxy.place.mode.rawValue))"
        }
        let backend = report.backend.map(section) ?? "<NONE> (id=-1 mode=-)"
        let servers = numbers.first { $0.proxy.name == report.backend }?.proxy.backend?.servers ?? []
        let number = servers.first { $0.name == report.server }?.id ?? -1
        let server =
            report.server.map { "\($0) (id=\(number))" + address(report.serverAddress) } ?? "<NONE> (id=-1)"
        let source =
            "\(pointer(report.id)): [\(date(report.beganAt))] id=\(report.number) proto=\(family(report.source)) "
            + "source=\(text(report.source))\n"
        let state =
            "  flags=0x0, conn_retries=\(report.retries), conn_exp=<NEVER> conn_et=0x000 srv_conn=(nil), "
            + "pend_pos=\(report.waits ? "0x1" : "(nil)") waiting=\(report.waits ? 1 : 0) epoch=0\n"
        let kind = (report.isTLS ? "SSL" : "RAW") + " mux=" + (report.isStream ? "H2" : "H1")
        return source + state
            + "  frontend=\(section(report.frontend)), listener=? (id=1)\(address(report.destination))\n"
            + "  backend=\(backend)\(address(report.ownAddress))\n  server=\(server)\n"
            + "  task=(nil) (thread=\(report.worker + 1) age=\(span(report.age)))\n"
            + "      co0=(nil) xprt=\(kind) fd=\(report.descriptors.client)\n"
            + "      co1=(nil) fd=\(report.descriptors.server)\n"
            + "  req=(nil) (total=\(report.passed.input) i=\(report.buffered.input))\n"
            + "  res=(nil) (total=\(report.passed.output) o=\(report.buffered.output))\n"
    }

    private static func pointer(_ id: UInt64) -> String { "0x" + String(id, radix: 16) }

    private static func text(_ address: SocketAddress) -> String { address.description(withPort: true) }

    private static func address(_ address: SocketAddress?) -> String {
        address.map { " addr=" + text($0) } ?? ""
    }

    private static func family(_ address: SocketAddress) -> String {
        address.isLocal ? "unix_stream" : address.isV6 ? "tcpv6" : "tcpv4"
    }

    /// `5s`, `2m5s`, `1h2m`, `3d4h`: the two greatest units.
    static func span(_ nanoseconds: UInt64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(days)d\(hours)h" }
        if hours > 0 { return "\(hours)h\(minutes)m" }
        return minutes > 0 ? "\(minutes)m\(seconds % 60)s" : "\(seconds)s"
    }
}
