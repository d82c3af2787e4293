import Engine

/// `show threads`, `show fd`, `show pools`, `show profiling`, `show tasks`, `show startup-logs` and `echo`: HAProxy's lines as far as
/// there is something to say in them.
struct DebuggingCommands: Sendable {
    let engine: Engine
    /// What was said when the configuration was read.
    let startupLogs: @Sendable () -> [String]
    var threads: @Sendable () -> [SystemView.Thread] = { SystemView.threads() }
    var descriptors: @Sendable () -> [(number: Int, target: String)] = { SystemView.descriptors() }

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand("show threads", "", "show some threads debugging information", .user) { _ in
                DebuggingCommands.text(of: threads(), active: engine.metrics().workers.map(\.activeExchanges))
            },
            RuntimeCommand(
                "show fd", "[num]", "dump list of file descriptors in use or a specific one", .operator
            ) { call in
                let wanted = call.words.first.map { Int($0) ?? -1 }
                return descriptors().filter { wanted == nil || $0.number == wanted }
                    .map { DebuggingCommands.line($0.number, $0.target) }.joined()
            },
            RuntimeCommand("show pools", "", "report information about the memory pools usage", .user) { _ in
                // Memory is the allocator's and the containers'.
                "Dumping pools usage. Use SIGQUIT to flush them.\n"
                    + "Total: 0 pools, 0 bytes allocated, 0 used (~0 by thread caches).\n"
            },
            RuntimeCommand(
                "show profiling", "[<what>|<#lines>|byaddr]*",
                "show profiling state (all,status,tasks,memory)", .admin
            ) { _ in
                "Per-task CPU profiling              : off           # set profiling tasks {on|auto|off}\n"
                    + "Memory usage profiling              : off           # set profiling memory {on|off}\n"
            },
            RuntimeCommand("show tasks", "", "show running tasks", .operator) { _ in
                "Running tasks: 0 (\(engine.metrics().workers.count) threads)\n"
                    + "  function                     places     %    lat_tot   lat_avg\n"
            },
            RuntimeCommand(
                "show startup-logs", "", "report logs emitted during HAProxy startup", .operator
            ) { _ in startupLogs().map { "\($0)\n" }.joined() },
            RuntimeCommand("echo", "<text>", "print text to the output", .user) { call in
                call.words.joined(separator: " ") + "\n"
            },
        ]
    }

    /// Workers are HAProxy's threads; the others of the process stand behind them.
    static func text(of threads: [SystemView.Thread], active: [UInt64]) -> String {
        var workers: [(number: Int, thread: SystemView.Thread)] = []
        var others: [SystemView.Thread] = []
        for thread in threads {
            let number = thread.name.hasPrefix("worker-") ? Int(thread.name.dropFirst(7)) : nil
            if let number { workers.append((number + 1, thread)) } else { others.append(thread) }
        }
        workers.sort { $0.number < $1.number }
        let count = workers.count
        let lines = workers.map { number, thread in
            let requests = active.indices.contains(number - 1) ? active[number - 1] : 0
            return "  Thread \(number) : id=\(thread.id) act=\(requests > 0 ? 1 : 0) rq=\(requests) "
                + "state=\(thread.state)\n      \(number)/\(count)\n"
                + "             cpu_ns: now=\(thread.processorTime)\n"
        }
        let rest = others.map {
            "  Thread \($0.name) : id=\($0.id) state=\($0.state)\n             cpu_ns: now=\($0.processorTime)\n"
        }
        return (lines + rest).joined()
    }

    static func line(_ number: Int, _ target: String) -> String {
        let text = "\(number)"
        return String(repeating: " ", count: max(0, 7 - text.utf8.count)) + "\(text) : \(target)\n"
    }
}
