/// The decisions of one candidate for a Lease: what to ask, when to lead, when to stop. No I/O, no clock.
///
/// ```
///            ┌───────── held by another, not expired: wait ◄──┐
///            ▼                                                │
///   start ► get ──free, ours or expired──► write ──conflict──►┤
///            │ missing ──────────────────► create             │
///            │                               │ success        │
///            │                               ▼                │
///            └◄── conflict, another's ◄── leading: write every 2 s ──10 s without success──► lost
/// ```
/// As client-go does it: a Lease counts as held for its duration after *we* saw it change, by our own clock; the times that
/// stand in it are never believed. A holder leads for ten seconds after it *sent* the last renewal that succeeded. The
/// version it was read at goes with each write, so of two writers one gets a conflict.
///
/// Times are nanoseconds of a clock that only goes forward; `dice` is uniform in 0..<1.
struct LeaseElection: Sendable, Equatable {
    let identity: String
    let timing: LeaseTiming
    /// When `tick` is due; `UInt64.max` is never.
    private(set) var deadline = UInt64.max
    /// Until when this candidate leads; 0 while it does not.
    private(set) var leadsUntil: UInt64 = 0
    /// The condition told last.
    private(set) var condition = LeaseCondition.starting
    private(set) var phase = Phase.idle

    /// The Lease as it was last seen, and when it was first seen like this.
    private var observed: Lease?
    private var observedAt: UInt64 = 0
    /// The latest time heard of: a clock that goes back is taken to stand still.
    private var latest: UInt64 = 0
    /// Conflicts in a row.
    private var conflicts = 0
    private var releaseTries = 0

    private static let mostReleaseTries = 3
    private static let releasePause: UInt64 = 200_000_000

    enum Phase: Sendable, Equatable {
        /// Not started, or finished.
        case idle
        /// Until `deadline`.
        case waiting
        case getting
        case writing(sentAt: UInt64)
        /// Giving it up: as above.
        case releaseWaiting
        case releaseGetting
        case releaseWriting
    }

    enum Event: Sendable, Equatable {
        case start
        /// A watch shows the Lease. It may lag behind what answers have shown.
        case watched(Lease)
        /// What came of the last request.
        case answered(Answer)
        /// `deadline` has passed.
        case tick
        /// The process is about to end.
        case release
    }

    enum Answer: Sendable, Equatable {
        /// As it is, or as it was written.
        case lease(Lease)
        case missing
        /// Somebody was faster.
        case conflict
        case forbidden(String)
        /// No answer, or none that helps; why, and the seconds the server asks to wait.
        case failed(String, retryAfter: UInt64? = nil)
    }

    enum Action: Sendable, Equatable {
        case get
        case write(LeaseWrite)
        /// Drop the open request; its answer is not waited for.
        case cancel
        /// Leads from now on until `leadsUntil`, or for longer from now on.
        case lead
        /// Leads no more.
        case lose
        case tell(LeaseCondition)
        /// The Lease is given up, or was not held: nothing follows.
        case finish
    }

    /// A candidate that has not started.
    init(identity: String, timing: LeaseTiming = LeaseTiming()) {
        self.identity = identity
        self.timing = timing
    }

    /// Whether it leads, as far as it knows.
    var isLeading: Bool { leadsUntil > 0 }

    /// Takes what happened and says what to do, in order.
    mutating func handle(_ event: Event, at time: UInt64, dice: Double) -> [Action] {
        latest = max(latest, time)
        let moment = Moment(now: latest, dice: dice)
        switch event {
        case .start: return phase == .idle ? get() : []
        case .release: return release(moment)
        case .watched(let lease): return watch(lease, moment)
        case .tick: return tick(moment)
        case .answered(let answer):
            switch phase {
            case .getting: return got(answer, moment)
            case .writing(let sentAt): return wrote(answer, sentAt: sentAt, moment)
            case .releaseGetting, .releaseWriting: return releaseAnswered(answer, moment)
            case .idle, .waiting, .releaseWaiting: return []
            }
        }
    }

    private struct Moment {
        let now: UInt64
        let dice: Double
    }
}

// MARK: asking

extension LeaseElection {
    private mutating func get() -> [Action] {
        phase = .getting
        deadline = isLeading ? leadsUntil : .max
        return [.get]
    }

    private mutating func write(_ moment: Moment, _ write: LeaseWrite) -> [Action] {
        phase = .writing(sentAt: moment.now)
        deadline = isLeading ? leadsUntil : .max
        return [.write(write)]
    }

    /// Renews what is ours, takes what is not.
    private mutating func claim(_ lease: Lease, _ moment: Moment) -> [Action] {
        let isOurs = lease.holder == identity
        return write(
            moment,
            LeaseWrite(
                version: lease.meta.resourceVersion, holder: identity,
                durationSeconds: timing.durationSeconds, acquires: !isOurs,
                transitions: isOurs ? lease.transitions : max(0, lease.transitions) &+ 1))
    }

    private mutating func create(_ moment: Moment) -> [Action] {
        observed = nil
        return write(
            moment,
            LeaseWrite(
                version: nil, holder: identity, durationSeconds: timing.durationSeconds, acquires: true))
    }

    private mutating func watch(_ lease: Lease, _ moment: Moment) -> [Action] {
        guard !isReleasing, phase != .idle else { return [] }
        if isLeading {
            // It may be old news; only the API itself takes the lead away.
            return lease.holder != identity && phase == .waiting ? get() : []
        }
        observe(lease, moment)
        guard phase == .waiting else { return [] }
        // The next renewal is shown too: asking is for when it is not.
        return wait(moment, pauses: 2)
    }

    private mutating func observe(_ lease: Lease, _ moment: Moment) {
        if observed?.isSameRecord(as: lease) != true { observedAt = moment.now }
        observed = lease
    }

    private mutating func tick(_ moment: Moment) -> [Action] {
        guard moment.now >= deadline else { return [] }
        switch phase {
        case .idle, .releaseGetting, .releaseWriting: return []
        case .releaseWaiting: return releaseGet()
        case .waiting, .getting, .writing: break
        }
        if isLeading {
            if moment.now >= leadsUntil { return lose() + (phase == .waiting ? [] : [.cancel]) + get() }
            return phase == .waiting ? renew(moment) : []
        }
        guard phase == .waiting else { return [] }
        conflicts = 0
        if let observed, isFree(observed) { return claim(observed, moment) }
        return get()
    }

    private mutating func renew(_ moment: Moment) -> [Action] {
        conflicts = 0
        guard let observed else { return get() }
        return claim(observed, moment)
    }
}

// MARK: answers

extension LeaseElection {
    private mutating func got(_ answer: Answer, _ moment: Moment) -> [Action] {
        switch answer {
        case .missing: return create(moment)
        case .conflict: return fail(.failing("a conflict at reading"), nil, moment)
        case .forbidden(let reason): return fail(.forbidden(reason), nil, moment)
        case .failed(let reason, let retryAfter): return fail(.failing(reason), retryAfter, moment)
        case .lease(let lease):
            observe(lease, moment)
            if isFree(lease) || moment.now >= expiry(of: lease) { return claim(lease, moment) }
            return (isLeading ? lose() : []) + wait(moment)
        }
    }

    private mutating func wrote(_ answer: Answer, sentAt: UInt64, _ moment: Moment) -> [Action] {
        switch answer {
        case .missing: return again(moment)
        case .conflict: return again(moment)
        case .forbidden(let reason): return fail(.forbidden(reason), nil, moment)
        case .failed(let reason, let retryAfter): return fail(.failing(reason), retryAfter, moment)
        case .lease(let lease):
            observe(lease, moment)
            guard lease.holder == identity else { return again(moment) }
            return lead(since: sentAt, moment)
        }
    }

    private mutating func lead(since sentAt: UInt64, _ moment: Moment) -> [Action] {
        let end = later(sentAt, timing.renewDeadline)
        guard moment.now < end else {
            return fail(.failing("the answer to a renewal came too late"), nil, moment)
        }
        leadsUntil = end
        phase = .waiting
        deadline = min(later(moment.now, timing.retryPeriod), end)
        return [.lead] + tell(.leading)
    }

    /// Once at once, then after a pause: somebody else may be as eager.
    private mutating func again(_ moment: Moment) -> [Action] {
        conflicts += 1
        guard conflicts > 1 else { return get() }
        let actions = wait(moment)
        deadline = max(deadline, later(moment.now, timing.retryPeriod))
        if isLeading { deadline = min(deadline, leadsUntil) }
        return actions
    }

    private mutating func fail(
        _ condition: LeaseCondition, _ retryAfter: UInt64?, _ moment: Moment
    ) -> [Action] {
        var actions: [Action] = []
        if isLeading, moment.now >= leadsUntil { actions += lose() }
        phase = .waiting
        let asked = min(retryAfter ?? 0, 60) * LeaseTiming.second
        let pause = isLeading ? timing.retryPeriod : timing.pause(dice: moment.dice)
        deadline = later(moment.now, max(pause, asked))
        if isLeading { deadline = min(deadline, leadsUntil) }
        return actions + tell(condition)
    }

    /// Leads no more. What is known of the Lease stays known.
    private mutating func lose() -> [Action] {
        leadsUntil = 0
        return [.lose]
    }

    private mutating func wait(_ moment: Moment, pauses: UInt64 = 1) -> [Action] {
        phase = .waiting
        if isLeading {
            deadline = min(later(moment.now, timing.retryPeriod), leadsUntil)
            return []
        }
        deadline = later(moment.now, timing.pause(dice: moment.dice) &* pauses)
        guard let observed else { return [] }
        let spread = timing.spread(dice: moment.dice)
        if isFree(observed) {
            deadline = later(moment.now, spread)
            return tell(.vacant)
        }
        // Not a moment later than it runs out, whatever the pace of the tries.
        deadline = min(deadline, later(max(moment.now, expiry(of: observed)), spread))
        return tell(.following(observed.holder))
    }

    private mutating func tell(_ condition: LeaseCondition) -> [Action] {
        guard condition != self.condition else { return [] }
        self.condition = condition
        return [.tell(condition)]
    }

    /// Whether it may be taken at once.
    private func isFree(_ lease: Lease) -> Bool { lease.holder.isEmpty || lease.holder == identity }

    /// Until when another's claim is respected. The duration is its own, within reason.
    private func expiry(of lease: Lease) -> UInt64 {
        later(observedAt, UInt64(min(max(lease.durationSeconds, 1), 3_600)) * LeaseTiming.second)
    }

    private func later(_ time: UInt64, _ span: UInt64) -> UInt64 {
        let (sum, isOver) = time.addingReportingOverflow(span)
        return isOver ? .max : sum
    }
}

// MARK: giving it up

extension LeaseElection {
    private var isReleasing: Bool {
        switch phase {
        case .releaseWaiting, .releaseGetting, .releaseWriting: true
        case .idle, .waiting, .getting, .writing: false
        }
    }

    private mutating func release(_ moment: Moment) -> [Action] {
        guard !isReleasing else { return [] }
        let actions = isLeading ? lose() : []
        switch phase {
        case .writing:
            // Whether it was written is not known.
            return actions + [.cancel] + releaseGet()
        case .getting: return actions + [.cancel] + free(observed)
        default: return actions + free(observed)
        }
    }

    private mutating func free(_ lease: Lease?) -> [Action] {
        guard let lease, lease.holder == identity else { return finish() }
        phase = .releaseWriting
        deadline = .max
        return [
            .write(
                LeaseWrite(
                    version: lease.meta.resourceVersion, holder: "", durationSeconds: 1,
                    transitions: lease.transitions))
        ]
    }

    private mutating func releaseGet() -> [Action] {
        phase = .releaseGetting
        deadline = .max
        return [.get]
    }

    private mutating func releaseAnswered(_ answer: Answer, _ moment: Moment) -> [Action] {
        releaseTries += 1
        switch answer {
        case .lease(let lease): return phase == .releaseGetting ? free(lease) : finish()
        case .missing, .forbidden: return finish()
        case .conflict where releaseTries <= Self.mostReleaseTries: return releaseGet()
        case .failed where releaseTries <= Self.mostReleaseTries:
            phase = .releaseWaiting
            deadline = later(moment.now, Self.releasePause)
            return []
        case .conflict, .failed: return finish()
        }
    }

    private mutating func finish() -> [Action] {
        phase = .idle
        deadline = .max
        return [.finish]
    }
}
