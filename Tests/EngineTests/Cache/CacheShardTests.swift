import Basics
import Testing

@testable import Engine

@Suite("Cache shard")
struct CacheShardTests {
    private let budget = CacheBudget(limit: 1_000_000)

    private func key(_ text: String) -> CacheKey { text.withView { CacheKey($0) } }

    private func answer(_ key: CacheKey, _ body: String = "x", goodUntil: Int64 = 100) -> CachedAnswer {
        var bytes = Buffer(capacity: 64)
        body.withView { _ = bytes.append($0) }
        _ = budget.take(10)
        return CachedAnswer(
            key: key, head: Buffer(), body: bytes, tag: [],
            facts: CachedAnswer.Facts(cameAt: 0, goodUntil: goodUntil, age: 0, modified: 0), size: 10,
            of: budget)
    }

    private func keep(
        _ text: String, _ body: String = "x", in shard: inout CacheShard, variant: Variant = Variant(),
        most: Int = 10, goodUntil: Int64 = 100, now: Int64 = 1
    ) -> Bool {
        let key = key(text)
        guard let ticket = shard.begin(key, variant, most: most, now: now) else { return false }
        shard.complete(ticket, answer(key, body, goodUntil: goodUntil))
        return true
    }

    private func find(
        _ text: String, in shard: inout CacheShard, for request: RequestVariant = RequestVariant(),
        now: Int64 = 1
    ) -> String? {
        text.withView { key in
            shard.find(key, hash: KeyedHash.hash(key), for: request, now: now)?.body.view.string
        }
    }

    @Test("an answer is found under its key until it is old, and then gives its memory back")
    func ages() {
        var shard = CacheShard()
        #expect(keep("a", in: &shard, goodUntil: 50))
        #expect(find("a", in: &shard, now: 49) == "x")
        #expect(find("b", in: &shard) == nil && budget.bytes == 10)
        #expect(find("a", in: &shard, now: 50) == nil)
        #expect(shard.count == 0 && budget.bytes == 0)
    }

    @Test("a newer answer takes the place of an older one of its key")
    func replaces() {
        var shard = CacheShard()
        for body in ["1", "2", "3"] { #expect(keep("a", body, in: &shard)) }
        #expect(find("a", in: &shard) == "3" && shard.count == 1 && budget.bytes == 10)
    }

    @Test("an answer that is arriving is not found, and nobody else keeps the same one meanwhile")
    func arriving() throws {
        var shard = CacheShard()
        let begun = shard.begin(key("a"), Variant(), most: 10, now: 1)
        let ticket = try #require(begun)
        #expect(find("a", in: &shard) == nil)
        #expect(!keep("a", in: &shard))
        shard.complete(ticket, answer(key("a"), "first"))
        #expect(find("a", in: &shard) == "first")
    }

    @Test("who is not done in two seconds can be displaced, and keeps nothing then")
    func displaced() throws {
        var shard = CacheShard()
        let begun = shard.begin(key("a"), Variant(), most: 10, now: 1)
        let ticket = try #require(begun)
        #expect(!keep("a", in: &shard, now: 2_000_000_000))
        #expect(keep("a", "second", in: &shard, goodUntil: .max, now: 2_000_000_001))
        shard.complete(ticket, answer(key("a"), "first"))
        #expect(find("a", in: &shard, now: 2_000_000_001) == "second")
        #expect(shard.count == 1 && budget.bytes == 10)
    }

    @Test("an answer that did not end leaves no trace")
    func cancelled() throws {
        var shard = CacheShard()
        let begun = shard.begin(key("a"), Variant(), most: 10, now: 1)
        let ticket = try #require(begun)
        shard.cancel(ticket)
        shard.cancel(ticket)
        #expect(find("a", in: &shard) == nil && shard.count == 0)
        #expect(keep("a", in: &shard))
        shard.cancel(ticket)
        #expect(find("a", in: &shard) == "x")
    }

    @Test("what is forgotten is gone, all its variants, and what was arriving is not kept")
    func forgotten() throws {
        var shard = CacheShard()
        for origin in 1...3 as ClosedRange<UInt64> {
            #expect(keep("a", in: &shard, variant: Variant(fields: .origin, origin: origin)))
        }
        #expect(keep("b", in: &shard))
        let begun = shard.begin(key("a"), Variant(fields: .origin, origin: 4), most: 10, now: 1)
        let ticket = try #require(begun)
        "a".withView { shard.forget($0, hash: KeyedHash.hash($0)) }
        shard.complete(ticket, answer(key("a")))
        for origin in 1...4 as ClosedRange<UInt64> {
            #expect(find("a", in: &shard, for: RequestVariant(origin: origin)) == nil)
        }
        #expect(find("b", in: &shard) == "x" && shard.count == 1 && budget.bytes == 10)
    }

    @Test("variants stand beside each other, and no more than so many until one is old")
    func variants() {
        var shard = CacheShard()
        func keep(_ origin: UInt64, goodUntil: Int64 = 100, now: Int64 = 1) -> Bool {
            self.keep(
                "a", "\(origin)", in: &shard, variant: Variant(fields: .origin, origin: origin), most: 3,
                goodUntil: goodUntil, now: now)
        }
        #expect(keep(1, goodUntil: 10) && keep(2) && keep(3))
        #expect(!keep(4))
        #expect(keep(2), "one that is there is replaced")
        #expect(find("a", in: &shard, for: RequestVariant(origin: 2)) == "2")
        #expect(keep(4, now: 10))
        #expect(find("a", in: &shard, for: RequestVariant(origin: 1), now: 10) == nil)
        // It varies no more.
        #expect(self.keep("a", "all", in: &shard))
        #expect(find("a", in: &shard, for: RequestVariant(origin: 3)) == "all" && shard.count == 1)
    }

    @Test("the one that was not asked for for longest goes first")
    func oldest() {
        var shard = CacheShard()
        for name in ["a", "b", "c"] { #expect(keep(name, name, in: &shard)) }
        _ = find("a", in: &shard)
        let dropped = (0..<4).map { _ in shard.dropOldest()?.body.view.string }
        #expect(dropped == ["b", "c", "a", nil])
        #expect(shard.count == 0 && budget.bytes == 0)
    }

    @Test("an answer that is still held lives on after it has been dropped")
    func held() throws {
        var shard = CacheShard()
        #expect(keep("a", in: &shard))
        let held = "a".withView { key in
            shard.find(key, hash: KeyedHash.hash(key), for: RequestVariant(), now: 1)
        }
        _ = shard.dropOldest()
        #expect(held?.body.view.string == "x" && budget.bytes == 10)
    }

    @Test("keys that share a hash are told apart")
    func sharedHash() {
        var shard = CacheShard()
        #expect(keep("a", in: &shard))
        let found = "a".withView { own in
            "z".withView { shard.find($0, hash: KeyedHash.hash(own), for: RequestVariant(), now: 1) }
        }
        #expect(found == nil)
        "a".withView { own in "z".withView { shard.forget($0, hash: KeyedHash.hash(own)) } }
        #expect(find("a", in: &shard) == "x")
    }

    @Test("it agrees with a list of what is there, whatever happens in whatever order")
    func model() {
        var (shard, there, order) = (CacheShard(), [String: String](), [String]())
        var numbers = SystemRandomNumberGenerator()
        for step in 0..<4_000 {
            let name = "k\(Int.random(in: 0..<20, using: &numbers))"
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0:
                #expect(keep(name, "\(step)", in: &shard))
                there[name] = "\(step)"
                order = order.filter { $0 != name } + [name]
            case 1:
                #expect(find(name, in: &shard) == there[name])
                if there[name] != nil { order = order.filter { $0 != name } + [name] }
            case 2:
                name.withView { shard.forget($0, hash: KeyedHash.hash($0)) }
                there[name] = nil
                order = order.filter { $0 != name }
            default:
                let dropped = shard.dropOldest().map { $0.key.bytes.view.string }
                #expect(dropped == order.first)
                if let first = order.first {
                    there[first] = nil
                    order.removeFirst()
                }
            }
            #expect(shard.count == there.count && budget.bytes == 10 * there.count)
        }
    }
}

extension RequestVariant {
    fileprivate init(origin: UInt64) {
        self.init()
        self.origin = origin
    }
}
