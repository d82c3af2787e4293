import Model

/// What stands in `global`.
extension SectionText {
    mutating func add(_ global: GlobalSettings, _ configuration: Configuration) {
        addProcess(global)
        if let base = global.certificateBase { add("crt-base", Word(base)) }
        if let local = configuration.peers.first?.localName { add("localpeer", Word(local)) }
        if let base = global.authorityBase { add("ca-base", Word(base)) }
        if let base = global.keyBase { add("key-base", Word(base)) }
        if global.extraFiles != .all {
            let names = ExtraFiles.names.filter { global.extraFiles.contains($0.value) }.map { Word($0.key) }
            add(["ssl-load-extra-files"] + (names.isEmpty ? ["none"] : names))
        }
        add("ssl-load-extra-del-ext", if: global.leavesOutExtension)
        if let base = global.serverStateBase { add("server-state-base", Word(base)) }
        if let file = global.serverStateFile { add("server-state-file", Word(file)) }
        if let parameters = global.bindParameters {
            for line in TLSSpelling.lines(parameters, "ssl-default-bind") { add(line) }
        }
        for line in TLSSpelling.lines(global.serverParameters, "ssl-default-server") { add(line) }
        add("ssl-server-verify", "none", if: !global.verifiesServers)
        for name in global.fieldNames.all { add("h1-case-adjust", Word(name.lowercased()), Word(name)) }
        // A word that versions before 2.6 have under the name of 'tune.ssl.capture-cipherlist-size'.
        let room = configuration.frontends.flatMap(\.binds).map(\.offerRoom).max() ?? 0
        if max(global.offerRoom, room) > 0 {
            add("tune.ssl.capture-buffer-size", "\(max(global.offerRoom, room))")
        }
        addSpread(global, configuration)
        addCosts(global)
        addRuntime(global)
        addLogs(global, configuration)
        add(configuration.variables)
    }

    private mutating func addProcess(_ global: GlobalSettings) {
        if let threads = global.threads { add("nbthread", "\(threads)") }
        if global.maxConnections > 0 { add("maxconn", "\(global.maxConnections)") }
        addLimits(global.limits)
        add("daemon", if: global.isDaemon)
        add("master-worker", if: global.isMaster)
        if let file = global.processFile { add("pidfile", Word(file)) }
        switch global.rights.user {
        case .name(let name)?: add("user", Word(name))
        case .number(let number)?: add("uid", "\(number)")
        case nil: break
        }
        switch global.rights.group {
        case .name(let name)?: add("group", Word(name))
        case .number(let number)?: add("gid", "\(number)")
        case nil: break
        }
        if let folder = global.rights.folder { add("chroot", Word(folder)) }
        if global.descriptors > 0 { add("ulimit-n", "\(global.descriptors)") }
        add("no", "strict-limits", if: !global.isStrict)
        if let time = global.hardStopAfter { add("hard-stop-after", TimeSpelling.word(time)) }
    }

    private mutating func addLimits(_ limits: ProcessLimits) {
        let numbers: [(Word, Int)] = [
            ("maxconnrate", limits.connectionRate), ("maxsessrate", limits.sessionRate),
            ("maxsslrate", limits.handshakeRate), ("maxsslconn", limits.tlsConnections),
        ]
        for (name, number) in numbers where number > 0 { add(name, "\(number)") }
    }

    /// By how much intervals vary is said once for all servers.
    private mutating func addSpread(_ global: GlobalSettings, _ configuration: Configuration) {
        let checks = configuration.backends.values.flatMap(\.servers).compactMap(\.check)
        let spreads = Set(checks.filter { $0.probe != nil }.map(\.spread))
        let spread = context.isOfText ? global.spreadChecks : spreads.max() ?? 0
        if spread > 0 { add("spread-checks", "\(spread)") }
        if spreads.count > 1 { remark("intervals of checks vary more for some servers than for others") }
    }

    private mutating func addCosts(_ global: GlobalSettings) {
        let (costs, usual) = (global.compression, CompressionLimits())
        if costs.maxRate > 0 { add("maxcomprate", "\(costs.maxRate / 1_024)") }
        if costs.maxCPUUsage != usual.maxCPUUsage { add("maxcompcpuusage", "\(costs.maxCPUUsage)") }
        if costs.maxLevel != usual.maxLevel { add("tune.comp.maxlevel", "\(costs.maxLevel)") }
        let usualStreams = Frontend(name: "", binds: []).maxStreams
        let said = context.configuration.frontends.map(\.maxStreams).first { $0 != usualStreams }
        // Under the names that all versions of haproxy know, as far as they can be used.
        addStreams(global.maxStreams ?? said, global.http2.serverStreams)
        let (front, back) = (global.http2.clientWindow, global.http2.serverWindow)
        if let front, front == back { return add("tune.h2.initial-window-size", "\(front)") }
        if let front { add("tune.h2.fe.initial-window-size", "\(front)") }
        if let back { add("tune.h2.be.initial-window-size", "\(back)") }
    }

    private mutating func addStreams(_ front: Int?, _ back: Int?) {
        if let front, front == back || back == nil && !context.isOfText {
            return add("tune.h2.max-concurrent-streams", "\(front)")
        }
        if let front { add("tune.h2.fe.max-concurrent-streams", "\(front)") }
        if let back { add("tune.h2.be.max-concurrent-streams", "\(back)") }
    }

    private mutating func addRuntime(_ global: GlobalSettings) {
        for socket in global.runtimeSockets {
            var words: [Word] = ["stats", "socket"]
            switch socket.place {
            case .path(let path): words.append(Word(path))
            case .descriptor(let number): words.append("fd@\(number)")
            case .address(let host, let port):
                words.append(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
            }
            if socket.level != "operator" { words += ["level", Word(socket.level)] }
            if let mode = socket.mode { words += ["mode", Word(String(mode, radix: 8))] }
            if socket.exposesListeners { words += ["expose-fd", "listeners"] }
            add(words)
        }
        if global.runtimeTimeout != GlobalSettings().runtimeTimeout {
            add("stats", "timeout", TimeSpelling.word(global.runtimeTimeout))
        }
    }

    private mutating func addLogs(_ global: GlobalSettings, _ configuration: Configuration) {
        for target in global.logging.targets { add(target) }
        for named in global.logging.profiled { add(named.target, profile: named.profile) }
        if let tag = global.logging.tag { add("log-tag", Word(tag)) }
        let host = global.logging.hostName ?? configuration.frontends.compactMap(\.logging?.hostName).first
        if let host { add("log-send-hostname", Word(host)) }
    }

    private mutating func add(_ variables: VariableSettings) {
        for change in variables.changes {
            switch change {
            case .set(let variable, _, let expression): add("set-var", "\(variable)", word(expression))
            case .setText(let variable, _, let format):
                add("set-var-fmt", "\(variable)", word(format, for: .value))
            case .unset: continue
            }
        }
        let sizes: [(Word, Int)] = [
            ("reqres", variables.messageSize), ("txn", variables.transactionSize),
            ("sess", variables.sessionSize), ("proc", variables.processSize),
        ]
        for (name, size) in sizes where size > 0 { add("tune.vars.\(name.text)-max-size", "\(size)") }
    }
}
