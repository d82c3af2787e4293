import Testing

@testable import Kubernetes

@Suite("Reflector: lists")
struct ReflectorListTests {
    @Test("it begins with a streamed list of the newest state")
    func beginsWithWatchList() {
        var run = ReflectorRun()
        run.dice = 0.5
        #expect(run.take(.start) == [.collect, .open(.watchList(from: "", timeoutSeconds: 450))])
        #expect(run.take(.start) == [], "a second start changes nothing")
    }

    @Test("the end of the initial events adopts them and the stream goes on as the watch")
    func initialEventsEnd() {
        var run = ReflectorRun()
        run.take(.start)
        run.take(.accepted)
        run.take(.object(version: "7"))
        #expect(run.state.isCollecting)
        #expect(run.take(.bookmark(version: "3", endsInitialEvents: false)) == [])
        #expect(run.take(.bookmark(version: "9", endsInitialEvents: true)) == [.adopt, .report(.live)])
        #expect(!run.state.isCollecting)
        #expect(run.state.lastVersion == "9")
    }

    @Test("synthetic events of the initial list do not move the version")
    func initialEventsHaveNoOrder() {
        var run = ReflectorRun()
        run.take(.start)
        run.take(.accepted)
        run.take(.object(version: "77"))
        #expect(run.state.lastVersion == "")
    }

    @Test(
        "a server that cannot stream lists is asked for a plain one at once",
        arguments: [400, 422, 500, 403, 404])
    func refusedWatchListFallsBack(code: Int) {
        var run = ReflectorRun()
        run.take(.start)
        let actions = run.take(.refused(.code(code)))
        #expect(actions.opened == .list(from: "0", limit: 500))
        #expect(actions.reported == nil, "the list will tell")
    }

    @Test("an error inside the stream falls back too, after dropping the stream")
    func erroredWatchListFallsBack() {
        var run = ReflectorRun()
        run.take(.start)
        run.take(.accepted)
        let actions = run.take(.errorEvent(.internalError))
        #expect(actions.first == .cancel)
        #expect(actions.opened == .list(from: "0", limit: 500))
    }

    @Test("a streamed list that is cut, closed, broken or silent falls back to a plain one")
    func unfinishedWatchListFallsBack() {
        for event in [ReflectorState.Event.closed, .failed("reset"), .undecodable("not JSON")] {
            var run = ReflectorRun()
            run.take(.start)
            run.take(.accepted)
            run.take(.object(version: "1"))
            #expect(run.take(event).opened?.kind == .list)
        }
        var run = ReflectorRun()
        run.take(.start)
        run.take(.accepted)
        let (seconds, actions) = run.takeDeadline()
        #expect(seconds == 30)
        #expect(actions.first == .cancel && actions.opened?.kind == .list)
    }

    @Test("each initial event proves that the streamed list makes progress")
    func progressExtendsDeadline() {
        var run = ReflectorRun()
        run.take(.start)
        run.take(.accepted)
        for _ in 0..<9 { run.take(.object(version: "1"), after: 25) }
        #expect(run.state.phase == .streaming)
        #expect(run.takeDeadline().seconds == 30)
    }

    @Test("the last page starts a watch at the list's version")
    func lastPageStartsWatch() {
        var run = ReflectorRun.listing()
        run.take(.accepted)
        let actions = run.take(.page(version: "50", continueToken: ""))
        #expect(actions == [.adopt, .open(.watch(from: "50", timeoutSeconds: 300))])
        #expect(run.take(.accepted) == [.report(.live)])
    }

    @Test("pages are asked for one after the other, and only the last adopts")
    func pagesFollow() {
        var run = ReflectorRun.listing()
        run.take(.accepted)
        let next = run.take(.page(version: "50", continueToken: "a/b="))
        #expect(next == [.open(.list(from: "", limit: 500, continueToken: "a/b="))])
        run.take(.accepted)
        #expect(run.take(.page(version: "50", continueToken: "")).first == .adopt)
    }

    @Test("410 on a later page asks once for everything at the first page's version")
    func expiredPageListsWhole() {
        var run = ReflectorRun.listing()
        run.take(.accepted)
        run.take(.page(version: "50", continueToken: "t"))
        let actions = run.take(.refused(.expired))
        #expect(actions == [.collect, .open(.list(from: "0", limit: 0))])
    }

    @Test("410 or a too large version on a list asks for the newest state at once", arguments: [410, 504])
    func expiredListAsksForNewest(code: Int) {
        var run = ReflectorRun.listing()
        let actions = run.take(.refused(code == 410 ? .expired : .versionTooLarge))
        #expect(actions.opened == .list(from: "", limit: 500))
        #expect(run.take(.refused(.expired)) == [.report(.failing("every resource version expires at once"))])
    }

    @Test("a server without cache, which pages a list at version 0, is paged ever after")
    func pagingIsHonoured() {
        var run = ReflectorRun.listing()
        run.take(.accepted)
        run.take(.page(version: "50", continueToken: "t"))
        run.take(.accepted)
        run.take(.page(version: "50", continueToken: ""))
        #expect(run.listAgain()?.limit == 500)

        var cached = ReflectorRun.listing()
        cached.take(.accepted)
        cached.take(.page(version: "50", continueToken: ""))
        #expect(cached.listAgain() == .list(from: "50", limit: 0), "a limit would leave the cache")
    }

    @Test("a list without a version is not adopted")
    func versionIsNeeded() {
        var run = ReflectorRun.listing()
        run.take(.accepted)
        let actions = run.take(.page(version: "", continueToken: ""))
        #expect(actions.reported?.name == "failing")
        #expect(!actions.contains(.adopt))
    }

    @Test("a list that breaks off begins a new round after a pause")
    func brokenListBacksOff() {
        var run = ReflectorRun.listing()
        run.take(.accepted)
        #expect(run.take(.failed("reset")).reported?.name == "unreachable")
        let (seconds, actions) = run.takeDeadline()
        #expect(seconds == 0.8)
        #expect(actions.opened?.kind == .watchList)
    }

    @Test(
        "403 and 404 are reported and tried again for ever",
        arguments: [(403, "forbidden"), (404, "missing")])
    func refusedListKeepsTrying(code: Int, condition: String) {
        var run = ReflectorRun.listing()
        #expect(run.take(.refused(.code(code))).reported?.name == condition)
        for _ in 0..<50 {
            let (seconds, actions) = run.takeDeadline()
            #expect(seconds >= 0.8 && seconds <= 60)
            #expect(actions.opened?.kind == .watchList)
            let list = run.take(.refused(.code(code)))
            #expect(list.opened?.kind == .list)
            #expect(run.take(.refused(.code(code))).reported == nil, "told once")
        }
    }
}

extension ReflectorRun {
    /// From a watch that was just asked for: lets it be undecodable, and streamed lists unsupported.
    fileprivate mutating func listAgain() -> ListWatchRequest? {
        take(.accepted)
        take(.undecodable("x"))
        _ = takeDeadline()
        take(.accepted)
        return take(.errorEvent(.internalError)).opened
    }
}
