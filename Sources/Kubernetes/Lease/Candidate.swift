import Basics
import Glibc

/// Carries out what `LeaseElection` decides. Lives on the client's thread.
final class Candidate: LoopTenant {
    private unowned let loop: ClientLoop
    private let lease: ObjectKey
    private let leadership: Leadership
    private let report: (LeaseCondition) -> Void
    private var election: LeaseElection
    private var call: APICall?
    private var onFinish: (() -> Void)?

    /// Half of what a holder has: one request that hangs must not cost the lead.
    private static let timeLimit: UInt64 = 5_000_000_000

    init(
        _ loop: ClientLoop, _ lease: ObjectKey, _ identity: String, _ leadership: Leadership,
        _ report: @escaping (LeaseCondition) -> Void
    ) {
        self.loop = loop
        self.lease = lease
        self.leadership = leadership
        self.report = report
        election = LeaseElection(identity: identity)
    }

    deinit { call?.cancel() }

    /// The election's clock goes on while the machine sleeps, the loop's does not.
    var deadline: UInt64 {
        guard election.deadline != .max else { return .max }
        let now = Monotonic.nowWithSleep()
        return election.deadline <= now ? 0 : Monotonic.now() &+ (election.deadline - now)
    }

    func deadlinePassed() { take(.tick) }

    func take(_ event: LeaseElection.Event) {
        let actions = election.handle(event, at: Monotonic.nowWithSleep(), dice: .random(in: 0..<1))
        for action in actions { perform(action) }
    }

    /// Gives the Lease up; `then` is called once.
    func release(then: @escaping () -> Void) {
        guard onFinish == nil else { return then() }
        onFinish = then
        take(.release)
    }

    private func perform(_ action: LeaseElection.Action) {
        switch action {
        case .get: send(APIRequest(Lease.resource.path(of: lease)))
        case .write(let write):
            send(write.request(for: lease, now: .now))
        case .cancel:
            call?.cancel()
            call = nil
        case .lead: leadership.hold(until: election.leadsUntil)
        case .lose: leadership.hold(until: 0)
        case .tell(let condition): report(condition)
        case .finish:
            let then = onFinish
            onFinish = nil
            then?()
        }
    }

    private func send(_ request: APIRequest) {
        var request = request
        request.timeLimit = Self.timeLimit
        call = APICall(request, on: loop) { [unowned self] outcome in
            call = nil
            take(.answered(LeaseElection.Answer(outcome)))
        }
    }
}

extension LeaseElection.Answer {
    /// What an answer means for a candidate.
    init(_ outcome: APICall.Outcome) {
        switch WriteOutcome(outcome) {
        case .done(let body): self.init(decoding: body)
        case .missing: self = .missing
        case .conflict: self = .conflict
        case .forbidden(let reason): self = .forbidden(reason)
        case .rejected(let reason): self = .failed(reason)
        case .later(let reason, let retryAfter): self = .failed(reason, retryAfter: retryAfter)
        }
    }

    private init(decoding body: [UInt8]) {
        do throws(JSONError) {
            var reader = JSONReader(body.span)
            self = .lease(try Lease(decoding: &reader))
        } catch {
            self = .failed("a Lease that cannot be read: \(error)")
        }
    }
}

extension RFC3339 {
    /// The time of day.
    static var now: RFC3339 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return RFC3339(seconds: Int64(time.tv_sec), microseconds: time.tv_nsec / 1_000)
    }
}
