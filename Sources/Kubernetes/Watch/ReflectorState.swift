/// The decisions of a reflector: what to ask next, what to do with the answer, how long to wait. No I/O, no clock.
///
/// ```
///            ┌────────────────────────── a new round (after a pause) ◄─────────────┐
///            ▼                                                                     │
///   watchList ──initial events complete──► watch ──closed: again at once──► watch  │
///       │ refused                            ▲ └─expired, error, undecodable───────┤
///       └──────────► list ──all pages────────┘                                     │
///                     └──────────────────────────failed────────────────────────────┘
/// ```
///
/// Times are nanoseconds of CLOCK_MONOTONIC; `dice` is uniform in 0..<1.
struct ReflectorState: Sendable, Equatable {
    /// Where the watch goes on: opaque, empty before the first list.
    private(set) var lastVersion = ""
    /// When `tick` is due; `UInt64.max` is never.
    private(set) var deadline = UInt64.max
    /// Whether arriving objects belong to a list that is not complete yet.
    private(set) var isCollecting = false
    /// The condition reported last.
    private(set) var condition = InformerCondition.connecting

    private(set) var phase = Phase.idle
    /// The request that is open, or that was last.
    private(set) var request = ListWatchRequest.watchList(from: "", timeoutSeconds: 0)

    private var backoff = Backoff()
    /// After a 410 or a version the server does not know yet: ask for the newest state.
    private var isLastVersionUnusable = false
    /// The server pages a list that is served from its cache: it has none, so go on paging.
    private var isPagingHonoured = false
    /// The version the first page was asked at.
    private var listVersion = ""
    private var hasRefreshedCredentials = false
    /// How often in a row one request was put off by Retry-After.
    private var retriesAfter = 0
    private var openedAt: UInt64 = 0
    /// The server's own limit and some slack have passed: the stream is dead.
    private var hardDeadline = UInt64.max
    private var hasSeenEvent = false
    /// Bookmarks come on live watches of this server, so a watch without them is not one.
    private var expectsBookmarks = false
    /// Streams in a row that ended within a second.
    private var shortStreams = 0

    enum Phase: Sendable, Equatable {
        case idle
        /// The request is on its way.
        case opening
        /// The answer is arriving.
        case streaming
        case waiting(Next)
    }

    /// What follows a pause.
    enum Next: Sendable, Equatable {
        /// A list, streamed if the server can.
        case round
        /// The last request once more.
        case again
    }

    enum Event: Sendable, Equatable {
        case start
        /// A 2xx head.
        case accepted
        /// Any other head, with its whole body.
        case refused(APIStatus)
        /// ADDED, MODIFIED or DELETED, with the object's version.
        case object(version: String)
        case bookmark(version: String, endsInitialEvents: Bool)
        /// An ERROR event inside the stream.
        case errorEvent(APIStatus)
        case undecodable(String)
        /// A list response came to its end.
        case page(version: String, continueToken: String)
        /// The server closed the watch in order.
        case closed
        /// The transfer broke, or never came about.
        case failed(String)
        /// No credentials could be had.
        case unauthenticated(String)
        /// `deadline` has passed.
        case tick
    }

    enum Action: Sendable, Equatable {
        case open(ListWatchRequest)
        /// Drop the open request; nothing more is heard of it.
        case cancel
        /// Begin a new, empty collection.
        case collect
        /// The collection is complete: make it the state.
        case adopt
        /// The condition has changed.
        case report(InformerCondition)
        /// A watch has ended.
        case count(WatchRestart)
    }

    private enum Limit {
        static let second: UInt64 = 1_000_000_000
        /// An API server answers a watch at once, a list within its own limit of 60 s.
        static let head = 60 * second
        static let list = 300 * second
        static let slack = 30 * second
        /// Bookmarks come about every minute where they come at all.
        static let silence = 150 * second
        static let mute = 120 * second
        /// Initial events come without a pause.
        static let initialSilence = 30 * second
        static let retryAfter = 600
        static let retries = 10
        static let shortStreams = 3
        static let pageSize = 500
        static let watchSeconds: UInt64 = 300
    }

    /// Takes what happened and says what to do, in order.
    mutating func handle(_ event: Event, at now: UInt64, dice: Double) -> [Action] {
        let moment = Moment(now: now, dice: dice)
        switch event {
        case .start: return phase == .idle ? startRound(moment) : []
        case .accepted: return accept(moment)
        case .refused(let status): return refuse(status, moment)
        case .object(let version): return observe(version, moment)
        case .bookmark(let version, let endsInitialEvents):
            return observeBookmark(version, endsInitialEvents, moment)
        case .errorEvent(let status): return [.cancel] + stumble(status, moment)
        case .undecodable(let reason): return [.cancel] + giveUp(.error, .failing(reason), moment)
        case .page(let version, let token): return turnPage(version, token, moment)
        case .closed: return close(.closed, moment)
        case .failed(let reason): return fail(reason, moment)
        case .unauthenticated(let reason):
            return pause(.again, .unauthorized(reason), moment)
        case .tick: return tick(moment)
        }
    }

    private struct Moment {
        let now: UInt64
        let dice: Double
    }
}

// MARK: opening

extension ReflectorState {
    private mutating func startRound(_ moment: Moment) -> [Action] {
        let version = isLastVersionUnusable ? "" : lastVersion
        return open(.watchList(from: version, timeoutSeconds: 0), moment)
    }

    private mutating func startList(_ moment: Moment) -> [Action] {
        listVersion = isLastVersionUnusable ? "" : (lastVersion.isEmpty ? "0" : lastVersion)
        // A limit makes the server leave its cache for etcd, except at version 0 where it ignores the limit.
        let isCached = listVersion != "" && listVersion != "0"
        let limit = isCached && !isPagingHonoured ? 0 : Limit.pageSize
        return open(.list(from: listVersion, limit: limit), moment)
    }

    private mutating func startWatch(_ moment: Moment) -> [Action] {
        open(.watch(from: lastVersion, timeoutSeconds: 0), moment)
    }

    private mutating func reopen(_ moment: Moment) -> [Action] {
        if request.kind == .watch { request.version = lastVersion }
        return open(request, moment)
    }

    private mutating func open(_ next: ListWatchRequest, _ moment: Moment) -> [Action] {
        request = next
        phase = .opening
        openedAt = moment.now
        hasSeenEvent = false
        if next.kind != .list {
            // Spread, so that a thousand watches opened together do not end together.
            request.timeoutSeconds = Limit.watchSeconds + UInt64(moment.dice * Double(Limit.watchSeconds))
        }
        let limit = next.kind == .list ? Limit.list : request.timeoutSeconds * Limit.second + Limit.slack
        hardDeadline = moment.now + limit
        deadline = moment.now + Limit.head
        let isNewCollection = next.kind == .watchList || (next.kind == .list && next.continueToken.isEmpty)
        isCollecting = next.kind != .watch
        return isNewCollection ? [.collect, .open(request)] : [.open(request)]
    }

    private mutating func accept(_ moment: Moment) -> [Action] {
        guard phase == .opening else { return [] }
        phase = .streaming
        hasRefreshedCredentials = false
        retriesAfter = 0
        extendDeadline(moment)
        return request.kind == .watch ? report(.live) : []
    }

    /// Bytes have come: the stream is alive.
    private mutating func extendDeadline(_ moment: Moment) {
        var silence = UInt64.max
        if request.kind == .watchList && isCollecting { silence = moment.now + Limit.initialSilence }
        if expectsBookmarks && !isCollecting { silence = moment.now + Limit.silence }
        deadline = min(hardDeadline, silence)
    }
}

// MARK: events

extension ReflectorState {
    private mutating func observe(_ version: String, _ moment: Moment) -> [Action] {
        hasSeenEvent = true
        extendDeadline(moment)
        if !isCollecting && !version.isEmpty { lastVersion = version }
        return []
    }

    private mutating func observeBookmark(
        _ version: String, _ endsInitialEvents: Bool, _ moment: Moment
    ) -> [Action] {
        hasSeenEvent = true
        guard !version.isEmpty else { return [] }
        guard isCollecting else {
            expectsBookmarks = true
            lastVersion = version
            extendDeadline(moment)
            return []
        }
        guard endsInitialEvents else { return [] }
        isCollecting = false
        complete(at: version)
        // The same stream goes on as the watch.
        request.kind = .watch
        extendDeadline(moment)
        return [.adopt] + report(.live)
    }

    private mutating func turnPage(_ version: String, _ token: String, _ moment: Moment) -> [Action] {
        guard !version.isEmpty else {
            return restart(.error, .failing("a list without a resource version"), moment)
        }
        if !token.isEmpty {
            return open(.list(from: "", limit: Limit.pageSize, continueToken: token), moment)
        }
        if listVersion == "0" && !request.continueToken.isEmpty { isPagingHonoured = true }
        isCollecting = false
        complete(at: version)
        return [.adopt] + startWatch(moment)
    }

    private mutating func complete(at version: String) {
        lastVersion = version
        isLastVersionUnusable = false
    }

    private mutating func tick(_ moment: Moment) -> [Action] {
        guard moment.now >= deadline else { return [] }
        switch phase {
        case .idle: return []
        case .waiting(.round): return startRound(moment)
        case .waiting(.again): return reopen(moment)
        case .opening: return [.cancel] + fail("no answer within 60 s", moment)
        case .streaming where request.kind == .watch: return [.cancel] + close(.timeout, moment)
        case .streaming where request.kind == .watchList:
            // Progress by a plain list is better than waiting for a server that never says "complete".
            return [.cancel] + giveUp(.timeout, nil, moment)
        case .streaming: return [.cancel] + restart(.timeout, .unreachable("the list takes too long"), moment)
        }
    }
}

// MARK: ends and refusals

extension ReflectorState {
    /// The stream ended in order, or broke after its head.
    private mutating func close(_ why: WatchRestart, _ moment: Moment) -> [Action] {
        guard request.kind == .watch else {
            return giveUp(why, .unreachable("the list ended before it was complete"), moment)
        }
        let isShort = moment.now - min(openedAt, moment.now) < Limit.second
        shortStreams = isShort ? shortStreams + 1 : 0
        // Both were accepted before they ended: no condition, or it would flap with every try.
        if isShort && !hasSeenEvent { return restart(why, nil, moment) }
        if shortStreams >= Limit.shortStreams { return [.count(why)] + pause(.again, nil, moment) }
        if expectsBookmarks && !hasSeenEvent && moment.now - openedAt >= Limit.mute {
            // So looks a watch from a version that the server has yet to reach, after its etcd was restored.
            expectsBookmarks = false
            return [.count(why)] + startRound(moment)
        }
        return [.count(why)] + startWatch(moment)
    }

    /// The answer is no good: a plain list instead of a streamed one, else a new round.
    private mutating func giveUp(
        _ why: WatchRestart, _ condition: InformerCondition?, _ moment: Moment
    ) -> [Action] {
        guard request.kind == .watchList else { return restart(why, condition, moment) }
        return [.count(why)] + startList(moment)
    }

    private mutating func fail(_ reason: String, _ moment: Moment) -> [Action] {
        if phase == .streaming { return close(.unreachable, moment) }
        // What was asked is still right: no list because of a lost connection.
        let next: Next = request.kind == .watch ? .again : .round
        return counting(.unreachable) + pause(next, .unreachable(reason), moment)
    }

    /// An error response.
    private mutating func refuse(_ status: APIStatus, _ moment: Moment) -> [Action] {
        switch status.meaning {
        case .expired, .versionTooLarge: return renew(moment)
        case .unauthorized where !hasRefreshedCredentials:
            // The client drops the credentials a 401 was the answer to: this asks with new ones.
            hasRefreshedCredentials = true
            return reopen(moment)
        case .throttled, .serverError:
            if let actions = retryAfter(status, moment) { return actions }
            if status.code == 500 && request.kind == .watchList { return startList(moment) }
            return counting(status.restart) + pause(.again, status.condition, moment)
        case .unauthorized: return counting(.error) + pause(.again, status.condition, moment)
        case .forbidden, .missing, .rejected: return giveUp(.error, status.condition, moment)
        }
    }

    /// An ERROR event.
    private mutating func stumble(_ status: APIStatus, _ moment: Moment) -> [Action] {
        switch status.meaning {
        case .expired, .versionTooLarge: return renew(moment)
        case .throttled:
            return retryAfter(status, moment) ?? counting(.throttled) + pause(.again, .throttled, moment)
        case .unauthorized, .forbidden, .missing, .serverError, .rejected:
            return giveUp(.error, status.condition, moment)
        }
    }

    /// The version asked for is gone or not there yet: list, and if that cannot be had either, the newest state.
    private mutating func renew(_ moment: Moment) -> [Action] {
        switch request.kind {
        case .watch:
            // The first gap is closed at once; a server that keeps forgetting is asked with pauses.
            guard backoff.isFresh(at: moment.now) else { return restart(.expired, nil, moment) }
            _ = backoff.next(at: moment.now, dice: 0)
            return [.count(.expired)] + startRound(moment)
        case .list where !request.continueToken.isEmpty:
            return open(.list(from: listVersion, limit: 0), moment)
        case .list, .watchList:
            guard !isLastVersionUnusable else {
                return pause(.round, .failing("every resource version expires at once"), moment)
            }
            isLastVersionUnusable = true
            return request.kind == .list ? startList(moment) : startRound(moment)
        }
    }

    private mutating func retryAfter(_ status: APIStatus, _ moment: Moment) -> [Action]? {
        guard let seconds = status.retryAfterSeconds, seconds > 0, retriesAfter < Limit.retries else {
            return nil
        }
        retriesAfter += 1
        phase = .waiting(.again)
        deadline = moment.now + UInt64(min(seconds, Limit.retryAfter)) * Limit.second
        return counting(status.restart) + report(status.condition)
    }

    /// Gives up the current round and begins a new one after a pause.
    private mutating func restart(
        _ why: WatchRestart, _ condition: InformerCondition?, _ moment: Moment
    ) -> [Action] {
        counting(why) + pause(.round, condition, moment)
    }

    private mutating func pause(
        _ next: Next, _ condition: InformerCondition?, _ moment: Moment
    ) -> [Action] {
        phase = .waiting(next)
        deadline = moment.now + backoff.next(at: moment.now, dice: moment.dice)
        guard let condition else { return [] }
        return report(condition)
    }

    /// Lists are no watches: their failures are not counted as restarts.
    private func counting(_ why: WatchRestart) -> [Action] {
        request.kind == .list ? [] : [.count(why)]
    }

    private mutating func report(_ new: InformerCondition) -> [Action] {
        guard new.name != condition.name else { return [] }
        condition = new
        return [.report(new)]
    }
}
