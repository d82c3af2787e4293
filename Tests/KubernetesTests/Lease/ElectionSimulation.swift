@testable import Kubernetes

/// Some candidates and one API server on a clock of their own: hours in a moment.
///
/// Each request takes `latency`; a candidate may be dead, cut off, or asleep. After every step it is checked that no two
/// believe to lead.
struct ElectionSimulation {
    struct Member {
        var election: LeaseElection
        /// What is on its way, and when the answer will be there.
        var pending: (request: Request, at: UInt64)?
        var isDead = false
        var isCutOff = false
        /// Until then it does nothing, as a process that is stopped; its clock goes on.
        var sleepsUntil: UInt64 = 0
        /// What its clock of day is ahead of the right one, in nanoseconds: it stands in the Lease, and nobody may believe it.
        var dayOffset: Int64 = 0
    }

    enum Request {
        case get
        case write(LeaseWrite)
    }

    var members: [Member]
    var lease: Lease?
    var now: UInt64 = 1_000_000_000_000
    var latency: UInt64 = 5_000_000
    /// Whether every write is shown to all at once.
    var isWatched = true
    private(set) var writes = 0
    /// Nanoseconds in which somebody led.
    private(set) var led: UInt64 = 0
    private(set) var handovers = 0
    private(set) var isShared = false
    private var lastLeader: Int?
    private var random: UInt64

    static let second: UInt64 = 1_000_000_000

    init(members count: Int, seed: UInt64) {
        members = (0..<count).map { Member(election: LeaseElection(identity: "member-\($0)")) }
        random = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
        for i in members.indices { take(.start, i) }
    }

    /// Who believes to lead, judged as a writer judges it.
    var leaders: [Int] {
        members.indices.filter { members[$0].election.leadsUntil > now && !members[$0].isDead }
    }

    mutating func run(seconds: Double) {
        let end = now + UInt64(seconds * 1e9)
        while let next = nextMoment(), next <= end { step(to: next) }
        advance(to: end)
    }

    /// Runs until somebody leads; how many seconds that took.
    mutating func runUntilLed(limit: Double) -> Double {
        let start = now
        while leaders.isEmpty, now < start + UInt64(limit * 1e9), let next = nextMoment() { step(to: next) }
        return Double(now - start) / 1e9
    }

    mutating func take(_ event: LeaseElection.Event, _ i: Int) {
        for action in members[i].election.handle(event, at: now, dice: dice()) {
            switch action {
            case .get: members[i].pending = (.get, now + latency)
            case .write(let write): members[i].pending = (.write(write), now + latency)
            case .cancel: members[i].pending = nil
            case .lead, .lose, .tell, .finish: break
            }
        }
    }

    private func nextMoment() -> UInt64? {
        members.filter { !$0.isDead }.map { member in
            max(min(member.pending?.at ?? .max, member.election.deadline), member.sleepsUntil, now)
        }.min().flatMap { $0 == .max ? nil : $0 }
    }

    private mutating func step(to time: UInt64) {
        advance(to: time)
        for i in members.indices where !members[i].isDead && members[i].sleepsUntil <= now {
            if let pending = members[i].pending, pending.at <= now {
                members[i].pending = nil
                take(.answered(answer(pending.request, of: i)), i)
            }
            if members[i].election.deadline <= now { take(.tick, i) }
        }
        note()
    }

    private mutating func advance(to time: UInt64) {
        let spans = members.filter { !$0.isDead }.map { min($0.election.leadsUntil, time) }
        led += (spans.max() ?? 0) > now ? (spans.max() ?? 0) - now : 0
        now = max(now, time)
    }

    private mutating func note() {
        let leaders = leaders
        if leaders.count > 1 { isShared = true }
        guard let leader = leaders.first, leader != lastLeader else { return }
        lastLeader = leader
        handovers += 1
    }

    private mutating func answer(_ request: Request, of i: Int) -> LeaseElection.Answer {
        guard !members[i].isCutOff else { return .failed("away") }
        switch request {
        case .get: return lease.map { .lease($0) } ?? .missing
        case .write(let write): return put(write, dayOffset: members[i].dayOffset)
        }
    }

    private mutating func put(_ write: LeaseWrite, dayOffset: Int64) -> LeaseElection.Answer {
        guard write.version == lease?.meta.resourceVersion else {
            return lease == nil ? .missing : .conflict
        }
        writes += 1
        let written = Lease.held(
            by: write.holder, renewed: "\(Int64(now) &+ dayOffset)", version: "\(writes)",
            seconds: write.durationSeconds,
            transitions: write.transitions)
        lease = written
        if isWatched {
            for i in members.indices where !members[i].isDead && !members[i].isCutOff {
                take(.watched(written), i)
            }
        }
        return .lease(written)
    }

    private mutating func dice() -> Double {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(random >> 11) / Double(UInt64(1) << 53)
    }
}
