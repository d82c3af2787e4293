import CSystem
import Glibc
import Wire

/// The process that stays: it holds the listening sockets and the last state, and starts the engine again if it dies.
///
/// ```
///   supervisor ── starts ──► engine: all that `sluice` does
///              ◄── sockets, state, "serves" ──
///   SIGTERM, SIGINT, SIGHUP ──► the engine        it ends in order: so does the supervisor, with its code
///                                                 it dies: another one, with the sockets and the state
/// ```
/// One thread, which waits; it never accepts, translates or asks anybody anything, so there is little in it that could fail. As the
/// first process of a container it also takes note of the end of processes that nobody waits for.
struct Supervisor {
    private let words: [String]
    private let environment: [String: String]
    private let log: Logger
    private let signals: Signals
    /// Readable when a signal waits.
    private let wakeUp: Int32
    private let identity = Election.makeIdentity()
    private var belongings = Belongings()
    private var policy = RestartPolicy()

    /// A supervisor of this program with these words, its name first.
    init(_ words: [String], _ environment: [String: String], _ log: Logger) throws(StartError) {
        (self.words, self.environment, self.log) = (words, environment, log)
        // Keys lie in the file that it holds.
        _ = csystem_keep_private()
        _ = DescriptorLimit.raise()
        signals = Signals.block([SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        wakeUp = signals.descriptor()
        guard wakeUp >= 0 else { throw StartError("no descriptor for signals", code: errno) }
    }

    /// Runs until the engine has ended in order, or can not be started; answers the exit code.
    mutating func run() throws(StartError) -> Int32 {
        var step = RestartPolicy.Step.start(after: 0, restoring: false)
        while true {
            switch step {
            case .start(let pause, let restoring):
                guard waitOut(pause) else { return Program.Exit.stopped }
                step = try attempt(restoring)
            case .end(let code): return code
            case .giveUp:
                throw StartError(
                    "the engine died \(RestartPolicy.mostDeaths) times before it served anything; given up")
            }
        }
    }

    /// One engine, from its start to its end.
    private mutating func attempt(_ restoring: Bool) throws(StartError) -> RestartPolicy.Step {
        let engine: WorkerProcess
        do throws(StartError) {
            engine = try start(restoring)
        } catch {
            guard policy.restarts > 0 else { throw error }
            log.error("\(error)")
            return policy.ended(.exited(Program.Exit.refused), now: Self.now)
        }
        let end = watch(engine)
        let step = policy.ended(end, now: Self.now)
        if case .start(let pause, _) = step {
            log.error(
                "engine (pid \(engine.process)) \(end); it is started again"
                    + (pause > 0 ? " in \(pause) ms" : ""))
        }
        return step
    }

    private func start(_ restoring: Bool) throws(StartError) -> WorkerProcess {
        let file = restoring ? belongings.file : nil
        var environment = environment
        environment[EnginePlace.variable] = EnginePlace.word(
            restarts: policy.restarts, file: file, sockets: belongings.sockets, identity: identity)
        return try WorkerProcess(
            .supervised, words, environment, keeping: belongings.sockets + (file.map { [$0] } ?? []))
    }

    /// Waits for an engine's end; passes signals on and takes what it sends.
    private mutating func watch(_ engine: WorkerProcess) -> RestartPolicy.End {
        var descriptors = [wakeUp, engine.handover, engine.reports].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
            // A negative one is left out from then on.
            if descriptors[1].revents != 0, !belongings.take(from: engine.handover) { descriptors[1].fd = -1 }
            if descriptors[2].revents != 0 {
                switch engine.nextReport({ true }) {
                case .serves: policy.serves(now: Self.now)
                case nil: descriptors[2].fd = -1
                default: break
                }
            }
            while let signal = signals.wait(milliseconds: 0) {
                if signal == SIGCHLD {
                    guard let end = reap(engine.process) else { continue }
                    _ = belongings.take(from: engine.handover)
                    return end
                }
                if signal != SIGHUP { policy.stop() }
                engine.send(signal)
            }
        }
    }

    /// Takes note of every process that has ended; answers how the one did, if it is among them.
    private func reap(_ process: Int32) -> RestartPolicy.End? {
        var end: RestartPolicy.End?
        var status: Int32 = 0
        while true {
            let ended = waitpid(-1, &status, WNOHANG)
            guard ended > 0 else { return end }
            if ended == process { end = RestartPolicy.End(status: status) }
        }
    }

    /// Lets time pass between two engines (ms). False: it is to end.
    private func waitOut(_ pause: Int) -> Bool {
        let until = Self.now + Int64(pause)
        while true {
            let left = until - Self.now
            guard left > 0 else { return true }
            switch signals.wait(milliseconds: Int(left)) {
            case SIGTERM, SIGINT: return false
            case SIGCHLD: _ = reap(0)
            default: continue
            }
        }
    }

    private static var now: Int64 { Int64(clamping: Clock.now() / 1_000_000) }
}
