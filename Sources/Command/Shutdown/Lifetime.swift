import Glibc
import Wire

/// The main thread of a process that carries traffic: it waits for signals and ends the process in order.
struct Lifetime {
    /// Blocked before the first thread started.
    let signals: Signals
    let shutdown: Shutdown
    let manners: SignalManners
    let log: Logger

    /// What ending takes; called on the thread that waits.
    struct Actions {
        /// Say "not ready"; keep accepting.
        var becomeUnready: () -> Void
        /// Close idle connections; let requests in flight finish.
        var drain: () -> Void
        /// Requests and tunnels still open.
        var remaining: () -> Int
        /// Whether all else is over that becoming unready has begun.
        var isDone: () -> Bool
        /// Now and then: work that has no other clock.
        var upkeep: () -> Void
        /// SIGHUP: read the configuration again, where it is read from files; nothing elsewhere.
        var hangup: () -> Void
    }

    /// How often draining is looked at, in milliseconds.
    private static let pace = 50
    /// How often upkeep is done, in milliseconds.
    private static let upkeepPace = 60_000

    /// Waits for a signal that ends the process and then until everything is finished, a time limit passes, or a second signal
    /// comes. Returns whether nothing was cut.
    func run(_ actions: Actions) -> Bool {
        var shutdown = shutdown
        while true {
            let signal = signals.wait(milliseconds: shutdown.isUnderway ? Self.pace : Self.upkeepPace)
            let action = step(&shutdown, signal, actions)
            switch action {
            case .none: continue
            case .becomeUnready:
                log.info(
                    "stopping: not ready any more, draining in \(shutdown.delay) ms; a second signal stops at once"
                )
                actions.becomeUnready()
            case .drain:
                log.info("draining: \(actions.remaining()) connections busy, \(shutdown.timeout) ms at most")
                actions.drain()
            case .stop(let isClean):
                log.info(isClean ? "stopped" : "stopped with \(actions.remaining()) connections cut")
                return isClean
            }
        }
    }

    private func step(_ shutdown: inout Shutdown, _ signal: Int32?, _ actions: Actions) -> Shutdown.Action {
        let now = Int64(clamping: Clock.now() / 1_000_000)
        guard let signal else {
            if !shutdown.isUnderway { actions.upkeep() }
            return shutdown.tick(now: now, isIdle: actions.remaining() == 0, isDone: actions.isDone())
        }
        switch manners.meaning(of: signal) {
        case .leave: return shutdown.receiveSignal(now: now)
        case .end: return shutdown.end()
        case .reread:
            actions.hangup()
            return .none
        }
    }
}
