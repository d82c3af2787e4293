import Testing

@testable import Kubernetes

@Suite("Reflector: watches")
struct ReflectorWatchTests {
    @Test("objects and bookmarks move the version")
    func versionMoves() {
        var run = ReflectorRun.live()
        run.take(.object(version: "101"))
        #expect(run.state.lastVersion == "101")
        run.take(.bookmark(version: "120", endsInitialEvents: false))
        #expect(run.state.lastVersion == "120")
        run.take(.object(version: ""))
        #expect(run.state.lastVersion == "120", "an empty version is none")
    }

    @Test("a watch that the server closes goes on at the last version, at once")
    func closedWatchGoesOn() {
        var run = ReflectorRun.live()
        run.take(.object(version: "130"))
        run.dice = 0.999
        let actions = run.take(.closed, after: 400)
        #expect(actions == [.count(.closed), .open(.watch(from: "130", timeoutSeconds: 599))])
        #expect(run.take(.accepted) == [], "live as before: nothing to report")
    }

    @Test("a watch that breaks goes on at the last version, without a list")
    func brokenWatchGoesOn() {
        var run = ReflectorRun.live()
        let actions = run.take(.failed("connection reset"))
        #expect(actions == [.count(.unreachable), .open(.watch(from: "100", timeoutSeconds: 300))])
    }

    @Test("a server that is away is asked for the same watch with growing pauses, and never for a list")
    func awayServerIsNotListed() {
        var run = ReflectorRun.live()
        run.take(.failed("reset"))
        #expect(run.take(.failed("refused")).reported == .unreachable("refused"))
        var pauses = [Double]()
        for _ in 0..<8 {
            let (seconds, actions) = run.takeDeadline()
            pauses.append(seconds)
            #expect(actions.opened?.kind == .watch && actions.opened?.version == "100")
            #expect(run.take(.failed("refused")).reported == nil, "told once")
        }
        #expect(pauses == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30])
        _ = run.takeDeadline()
        #expect(run.take(.accepted) == [.report(.live)])
    }

    @Test("an expired version inside the stream leads to a list from there, the first time at once")
    func expiredEventLists() {
        var run = ReflectorRun.live()
        let actions = run.take(.errorEvent(.expired))
        #expect(actions.first == .cancel && actions.counted == .expired && actions.reported == nil)
        #expect(actions.opened == .watchList(from: "100", timeoutSeconds: 300))
    }

    @Test("a server that forgets again and again is listed with pauses")
    func expiringServerIsNotStormed() {
        var run = ReflectorRun.live()
        run.take(.errorEvent(.expired))
        run.take(.accepted)
        run.take(.bookmark(version: "200", endsInitialEvents: true))
        let actions = run.take(.errorEvent(.expired), after: 2)
        #expect(actions.opened == nil)
        #expect(run.takeDeadline().seconds >= 0.8)
    }

    @Test("410 when the watch is opened is the same")
    func expiredResponseLists() {
        var run = ReflectorRun.live()
        run.take(.closed)
        #expect(run.take(.refused(.expired)).opened?.kind == .watchList)
    }

    @Test("a streamed list at an expired version asks for the newest state, and recovers its version")
    func expiredWatchListAsksForNewest() {
        var run = ReflectorRun.live()
        run.take(.errorEvent(.expired))
        #expect(run.take(.refused(.expired)).opened == .watchList(from: "", timeoutSeconds: 300))
        run.take(.accepted)
        run.take(.bookmark(version: "7", endsInitialEvents: true))
        #expect(run.take(.closed, after: 300).opened?.version == "7", "a restored etcd counts anew")
    }

    @Test("429 waits as long as the server says and resumes the watch")
    func throttledWatchWaits() {
        var run = ReflectorRun.live()
        run.take(.closed)
        let actions = run.take(.refused(.code(429, retryAfter: 7)))
        #expect(actions.counted == .throttled && actions.reported == .throttled)
        let (seconds, next) = run.takeDeadline()
        #expect(seconds == 7)
        #expect(next.opened == .watch(from: "100", timeoutSeconds: 300))
    }

    @Test("429 without a time backs off and resumes, as a response and inside the stream")
    func throttledWithoutTime() {
        var run = ReflectorRun.live()
        run.take(.closed)
        run.take(.refused(.code(429)))
        #expect(run.takeDeadline().actions.opened?.kind == .watch)
        run.take(.accepted)
        run.take(.object(version: "140"))
        #expect(run.take(.errorEvent(.code(429))).first == .cancel)
        #expect(run.takeDeadline().actions.opened?.version == "140")
    }

    @Test("after ten times of Retry-After for one request the backoff takes over")
    func retryAfterIsBounded() {
        var run = ReflectorRun.live()
        run.take(.closed)
        for _ in 0..<10 {
            run.take(.refused(.code(429, retryAfter: 1)))
            #expect(run.takeDeadline().seconds == 1)
        }
        run.take(.refused(.code(429, retryAfter: 1)))
        #expect(run.takeDeadline().seconds == 0.8)
    }

    @Test("a Retry-After of years waits ten minutes, one of nothing backs off")
    func strangeRetryAfter() {
        var run = ReflectorRun.live()
        run.take(.closed)
        run.take(.refused(.code(503, retryAfter: .max)))
        #expect(run.takeDeadline().seconds == 600)
        run.take(.refused(.code(429, retryAfter: 0)))
        #expect(run.takeDeadline().seconds == 0.8)
        run.take(.refused(.code(429, retryAfter: -5)))
        #expect(run.takeDeadline().seconds == 1.6)
    }

    @Test("a server in trouble keeps its watch: same version, no list", arguments: [500, 502, 503, 504])
    func serverErrorKeepsVersion(code: Int) {
        var run = ReflectorRun.live()
        run.take(.closed)
        #expect(run.take(.refused(.code(code))).reported?.name == "failing")
        #expect(run.takeDeadline().actions.opened == .watch(from: "100", timeoutSeconds: 300))
    }

    @Test("an internal error inside the stream lists anew after a pause")
    func internalErrorEventLists() {
        var run = ReflectorRun.live()
        let actions = run.take(.errorEvent(.internalError))
        #expect(actions.first == .cancel && actions.opened == nil && actions.counted == .error)
        let (seconds, next) = run.takeDeadline()
        #expect(seconds == 0.8 && next.opened == .watchList(from: "100", timeoutSeconds: 300))
    }

    @Test("what cannot be decoded drops the stream and lists anew after a pause")
    func undecodableEventLists() {
        var run = ReflectorRun.live()
        let actions = run.take(.undecodable("not JSON"))
        #expect(actions == [.cancel, .count(.error), .report(.failing("not JSON"))])
        #expect(run.takeDeadline().actions.opened?.kind == .watchList)
    }

    @Test("a watch that is closed within a second without an event leads to a list after a pause")
    func emptyWatchLists() {
        var run = ReflectorRun.live()
        run.take(.closed)
        run.take(.accepted)
        #expect(run.take(.closed, after: 0.5) == [.count(.closed)])
        let (seconds, actions) = run.takeDeadline()
        #expect(seconds == 0.8 && actions.opened?.kind == .watchList)
    }

    @Test("watches that are closed again and again right after an event do not make a busy loop")
    func shortWatchesArePaused() {
        var run = ReflectorRun.live()
        var pauses = 0
        for _ in 0..<30 {
            run.take(.accepted)
            run.take(.object(version: "150"))
            if run.take(.closed, after: 0.01).opened == nil {
                pauses += 1
                #expect(run.takeDeadline().actions.opened?.kind == .watch)
            }
        }
        #expect(pauses >= 27)
    }

    @Test("a watch outlives its own time limit by 30 s at most")
    func hardLimit() {
        var run = ReflectorRun.live(after: 0)
        let (seconds, actions) = run.takeDeadline()
        #expect(seconds == 330)
        #expect(actions == [.cancel, .count(.timeout), .open(.watch(from: "100", timeoutSeconds: 300))])
    }

    @Test("silence is suspicious only where bookmarks have been seen")
    func silenceAfterBookmark() {
        var run = ReflectorRun.live(after: 0)
        run.take(.bookmark(version: "160", endsInitialEvents: false), after: 60)
        let (seconds, actions) = run.takeDeadline()
        #expect(seconds == 150)
        #expect(actions.opened?.version == "160")
    }

    @Test("a watch without bookmarks from a server that sends them leads to a list, once")
    func muteWatchLists() {
        var run = ReflectorRun.live(after: 0)
        run.take(.bookmark(version: "160", endsInitialEvents: false))
        run.take(.closed, after: 60)
        run.take(.accepted)
        let (seconds, actions) = run.takeDeadline()
        #expect(seconds == 150)
        #expect(actions.opened == .watchList(from: "160", timeoutSeconds: 300))
        #expect(run.take(.refused(.versionTooLarge)).opened?.version == "", "a restored etcd counts anew")
        run.take(.accepted)
        run.take(.bookmark(version: "20", endsInitialEvents: true))
        #expect(run.take(.closed, after: 300).opened == .watch(from: "20", timeoutSeconds: 300))
        run.take(.accepted)
        #expect(run.take(.closed, after: 300).opened?.kind == .watch)
    }

    @Test("a server that takes the request and says nothing is dropped after a minute")
    func silentServer() {
        var run = ReflectorRun.live()
        run.take(.closed)
        let (seconds, actions) = run.takeDeadline()
        #expect(seconds == 60)
        #expect(actions.first == .cancel && actions.reported?.name == "unreachable")
    }

    @Test("401 asks once more at once, with new credentials, then backs off")
    func unauthorizedRefreshesOnce() {
        var run = ReflectorRun.live()
        run.take(.closed)
        #expect(run.take(.refused(.code(401))) == [.open(.watch(from: "100", timeoutSeconds: 300))])
        let actions = run.take(.refused(.code(401)))
        #expect(actions.opened == nil && actions.reported?.name == "unauthorized")
        #expect(run.takeDeadline().actions.opened?.kind == .watch)
        #expect(run.take(.accepted) == [.report(.live)])
        run.take(.closed, after: 300)
        #expect(run.take(.refused(.code(401))).opened != nil, "a success makes the next 401 a first one")
    }

    @Test("missing credentials are reported and tried for again with the same request")
    func unauthenticated() {
        var run = ReflectorRun()
        run.take(.start)
        #expect(run.take(.unauthenticated("the token file is empty")).reported?.name == "unauthorized")
        #expect(run.takeDeadline().actions.opened?.kind == .watchList)
    }

    @Test("a watch that is no longer allowed goes back to listing, whose refusal is told")
    func forbiddenWatchLists() {
        var run = ReflectorRun.live()
        run.take(.closed)
        #expect(run.take(.refused(.code(403))).reported?.name == "forbidden")
        #expect(run.takeDeadline().actions.opened?.kind == .watchList)
    }

    @Test("a tick before the deadline does nothing")
    func earlyTick() {
        var run = ReflectorRun.live()
        #expect(run.take(.tick) == [])
        run.take(.undecodable("x"))
        #expect(run.take(.tick) == [])
    }

    @Test("any sequence of events leaves a deadline or an open request, and never opens two at once")
    func neverStuck() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var run = ReflectorRun()
            run.take(.start)
            for _ in 0..<60 {
                run.dice = .random(in: 0..<1, using: &generator)
                let event = ReflectorState.Event.random(in: run.state.phase, using: &generator)
                let actions =
                    event == .tick ? run.takeDeadline().actions : run.take(event, after: run.dice * 3)
                #expect(actions.count { if case .open = $0 { true } else { false } } <= 1)
                #expect(run.state.deadline != .max)
                #expect(run.state.deadline >= run.now)
            }
        }
    }
}

extension ReflectorState.Event {
    fileprivate static func random(
        in phase: ReflectorState.Phase, using generator: inout some RandomNumberGenerator
    ) -> ReflectorState.Event {
        let refusals = [400, 401, 403, 404, 410, 422, 429, 500, 503, 504].map {
            ReflectorState.Event.refused(.code($0, retryAfter: $0 == 503 ? 2 : nil))
        }
        let streamed: [ReflectorState.Event] = [
            .object(version: "1"), .bookmark(version: "2", endsInitialEvents: true), .errorEvent(.expired),
            .errorEvent(.internalError), .errorEvent(.code(429)), .errorEvent(.versionTooLarge), .closed,
            .undecodable("x"), .failed("x"), .page(version: "3", continueToken: ""),
            .page(version: "3", continueToken: "t"),
        ]
        let events: [ReflectorState.Event]
        switch phase {
        case .opening:
            events = refusals + [.accepted, .accepted, .accepted, .failed("x"), .unauthenticated("x"), .tick]
        case .streaming: events = streamed + [.tick]
        case .waiting, .idle: events = [.tick]
        }
        return events.randomElement(using: &generator) ?? .tick
    }
}
