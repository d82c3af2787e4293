import Admin
import ConfigLanguage
import Glibc
import Synchronization
import Wire

/// The parent in haproxy's master-worker mode: it watches the process that serves and never carries traffic.
///
/// ```
///   SIGUSR2, SIGHUP, `reload` ──► the worker reads its files again        SIGUSR1 ──► it finishes, then both end
///   SIGTERM, SIGINT           ──► it ends, then both end: 143, 130        it ends by itself: so does the master, with its status
/// ```
struct MasterProcess {
    private let role: Role
    private let manager: ServiceNotices
    private let signals: Signals
    private let worker: WatchedWorker

    /// Starts the worker.
    init(_ role: Role, _ words: [String], _ environment: [String: String]) throws(StartError) {
        self.role = role
        signals = Signals.block(SignalManners.haproxy.signals + [SIGCHLD])
        manager = ServiceNotices(role.line.notifies ? environment : [:])
        var variables = environment
        variables["HAPROXY_MWORKER"] = "1"
        if !role.line.masterSockets.isEmpty {
            variables["HAPROXY_MASTER_CLI"] = role.line.masterSockets.joined(separator: ";")
        }
        worker = WatchedWorker(try WorkerProcess(.watched, words, variables), manager)
    }

    /// Watches it to its end; returns the exit code.
    func run() throws(StartError) -> Int32 {
        var (ended, rereads): (Int32?, Bool) = (nil, false)
        let serves = worker.process.nextReport {
            switch signals.wait(milliseconds: 0) {
            case let signal? where [SIGTERM, SIGINT, SIGUSR1].contains(signal): ended = signal
            // The worker may have read its files before they changed; it can read them again once it serves.
            case SIGHUP, SIGUSR2: rereads = true
            default: break
            }
            return ended != nil
        }
        guard serves == .serves else {
            if ended != nil { worker.process.send(SIGTERM) }
            let status = worker.process.status(waiting: true) ?? 1
            return ended.map { 128 + $0 } ?? (status == 0 ? 1 : status)
        }
        let servers: [ControlServer]
        do throws(StartError) {
            servers = try commandLines()
        } catch {
            worker.process.send(SIGTERM)
            _ = worker.process.status(waiting: true)
            throw error
        }
        defer { for server in servers { server.stop() } }
        role.hasStarted()
        manager.tell("READY=1\nMAINPID=\(getpid())\nSTATUS=Ready.\n")
        if rereads { _ = worker.reread() }
        return watch()
    }

    private func watch() -> Int32 {
        var code: Int32?
        while true {
            guard let signal = signals.wait(milliseconds: 60_000) else { continue }
            switch signal {
            case SIGCHLD:
                guard let status = worker.process.status(waiting: false) else { continue }
                if let code { return code }
                role.messages.alert("worker (\(worker.process.process)) exited with code \(status)")
                return status
            case SIGHUP, SIGUSR2: _ = worker.reread()
            case SIGUSR1:
                code = 0
                manager.tell("STOPPING=1\n")
                worker.process.send(SIGUSR1)
            default:
                code = 128 + signal
                manager.tell("STOPPING=1\n")
                worker.process.send(SIGTERM)
            }
        }
    }

    // MARK: Its command line

    private func commandLines() throws(StartError) -> [ControlServer] {
        let now = Clock.now() / 1_000_000_000
        let worker = worker
        let api = RuntimeAPI(
            MasterFacts(
                version: Version.number, master: (getpid(), now), worker: (worker.process.process, now),
                reloads: { worker.rereads }, reload: { worker.reread() },
                ask: { line in
                    worker.process.answer(to: Array(line.utf8), patience: 10_000)
                        .map { String(decoding: $0, as: UTF8.self) }
                })
        ) { Clock.now() / 1_000_000_000 }
        var servers: [ControlServer] = []
        for text in role.line.masterSockets {
            guard let socket = RuntimeSocket(master: text) else {
                throw StartError("-S \(text): a path, an address and a port, or fd@N is expected")
            }
            servers.append(try RuntimeSockets.server(socket, api, name: "master", patience: 3_600_000))
        }
        for server in servers where !server.start() { throw StartError("no thread for '-S'") }
        return servers
    }
}

/// A worker that can be told to read its files again, by one at a time.
final class WatchedWorker: Sendable {
    let process: WorkerProcess
    private let manager: ServiceNotices
    private let count = Mutex(0)

    init(_ process: WorkerProcess, _ manager: ServiceNotices) {
        (self.process, self.manager) = (process, manager)
    }

    /// How often it has.
    var rereads: Int { count.withLock { $0 } }

    /// Has the files read again and waits for the outcome, half a minute at most; true if they are served now.
    func reread() -> Bool {
        count.withLock { count in
            manager.tell("RELOADING=1\nSTATUS=Reloading Configuration.\n")
            count += 1
            // Somebody else may have told it to before.
            process.forgetReports()
            process.send(SIGHUP)
            let end = Clock.now() + 30_000_000_000
            let isServed = process.nextReport { Clock.now() > end } == .hasReread
            manager.tell("READY=1\nSTATUS=\(isServed ? "Ready" : "Reload failed").\n")
            return isServed
        }
    }
}
