/// What `wait` waits for: a time, or the moment a condition holds; pure.
struct RuntimeWait {
    /// What there is to say of the condition.
    enum Outcome: Sendable {
        case holds
        /// It may hold later.
        case notYet
        /// It never will.
        case never
    }

    private let start: Int64
    private let deadline: Int64
    /// nil is waiting for the time alone.
    private let condition: (@Sendable () -> Outcome)?
    /// When the condition is looked at next, or the time is over, in milliseconds.
    private(set) var wakeAt: Int64

    /// From `now` on, for so many milliseconds at most.
    init(_ duration: Int64, now: Int64, until condition: (@Sendable () -> Outcome)?) {
        (start, deadline) = (now, now + duration)
        self.condition = condition
        wakeAt = now
    }

    /// What is said at the end; nil if it goes on until `wakeAt`.
    mutating func look(now: Int64) -> String? {
        switch condition?() {
        case .holds: return "Done.\n"
        case .never: return "Failed.\n"
        case .notYet, nil: break
        }
        guard now < deadline else { return condition == nil ? "Done.\n" : "Wait delay expired.\n" }
        // As HAProxy: seldom when it takes long, ten times at least.
        let pause = max(1, min((now - start) / 2 + 1, (deadline - start) / 10))
        wakeAt = condition == nil ? deadline : min(deadline, now + pause)
        return nil
    }
}

/// `wait`: what is said of it at once, or what is waited for.
struct WaitCommand: Sendable {
    /// Whether a server may be removed at this moment.
    let removal: @Sendable (_ server: String, _ backend: String) -> RuntimeWait.Outcome
    /// The same of a backend.
    var backend: @Sendable (_ backend: String) -> RuntimeWait.Outcome = { _ in .never }

    static let entry = RuntimeCommand(
        "wait", "{-h|<delay_ms>} cond [args...]", "wait the specified delay or condition (-h to see list)",
        .admin
    ) { _ in usage }

    private static let usage = """
        Usage: wait {-h|<duration>} [condition [args...]]
          - '-h' displays this help
          - <duration> is the maximum wait time, optionally suffixed by the unit among
            'us', 'ms', 's', 'm', 'h', and 'd'. ; the default unit is milliseconds.
          - <condition> indicates what to wait for, no longer than the specified
            duration. Supported conditions are:
            - <none> : by default, just sleep for the specified duration.
            - srv-removable <px>/<sv> : wait for this server to become removable.
            - be-removable <px> : wait for this backend to become removable.

        """

    /// An answer, or what is waited for.
    enum Reading {
        case said(String)
        case waiting(milliseconds: Int64, until: (@Sendable () -> RuntimeWait.Outcome)?)
    }

    /// From the words behind `wait`.
    func read(_ words: [String], _ level: RuntimeLevel) -> Reading {
        guard level >= .admin else { return .said("Permission denied\n") }
        guard let first = words.first else { return .said("Expects a duration in milliseconds.\n") }
        if first == "-h" { return .said(WaitCommand.usage) }
        guard let time = RuntimeTime.milliseconds(first, unit: 1_000), time >= 1 else {
            return .said("Invalid duration.\n")
        }
        guard words.count > 1 else { return .waiting(milliseconds: time, until: nil) }
        if words[1] == "be-removable" {
            guard words.count > 2 else { return .said("Missing backend name.\n") }
            return .waiting(milliseconds: time, until: { [backend] in backend(words[2]) })
        }
        guard words[1] == "srv-removable" else { return .said(WaitCommand.usage) }
        guard words.count > 2 else { return .said("Missing server name (<backend>/<server>).\n") }
        guard let (backend, server) = ServerChangeCommands.place(words[2]) else {
            return .said("Require 'backend/server'.\n")
        }
        return .waiting(milliseconds: time, until: { [removal] in removal(server, backend) })
    }
}

/// Times as HAProxy reads them: a number and a unit.
enum RuntimeTime {
    /// Microseconds of each unit.
    private static let units: [String: Int64] = [
        "us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000,
    ]

    /// Rounded up; nil if it is no time, or beyond 24 days. `unit` is what a bare number counts, in microseconds.
    static func milliseconds(_ text: String, unit: Int64) -> Int64? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard let number = Int64(digits),
            let unit = digits.count == text.count ? unit : units[String(text.dropFirst(digits.count))]
        else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: unit)
        guard !overflows else { return nil }
        let time = product / 1_000 + (product % 1_000 > 0 ? 1 : 0)
        return time <= Int64(Int32.max) ? time : nil
    }
}
