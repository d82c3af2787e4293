import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Cache store")
struct CacheStoreTests {
    private func keep(_ name: String, body: Int, in store: CacheStore, now: Int64 = 1) -> Bool {
        let key = name.withView { CacheKey($0) }
        guard store.reserve(body) else { return false }
        guard let ticket = store.begin(key, Variant(), most: 1, now: now) else {
            store.giveBack(body)
            return false
        }
        store.complete(
            ticket,
            CachedAnswer(
                key: key, head: Buffer(), body: Buffer(capacity: 8), tag: [],
                facts: CachedAnswer.Facts(cameAt: 0, goodUntil: 1_000_000, age: 0, modified: 0), size: body,
                of: store.budget))
        return true
    }

    private func has(_ name: String, in store: CacheStore, now: Int64 = 1) -> Bool {
        let found = name.withView { store.find($0, for: RequestVariant(), now: now) }
        found?.release()
        return found != nil
    }

    @Test("memory is bounded, and what was asked for is there before what was not")
    func bounded() {
        let store = CacheStore(totalSize: 100_000)
        for i in 0..<2_000 {
            #expect(keep("k\(i)", body: 1_000, in: store, now: Int64(2 * i)))
            #expect(store.budget.bytes <= 100_000)
            _ = has("k0", in: store, now: Int64(2 * i + 1))
        }
        #expect(store.count == 100)
        let there = (0..<2_000).filter { has("k\($0)", in: store) }
        #expect(there == [0] + Array(1_901..<2_000))
    }

    @Test("what is good is told, and what is not is not")
    func told() {
        let store = CacheStore(totalSize: 100_000)
        #expect(store.answers(now: 1).isEmpty)
        #expect(keep("a", body: 700, in: store) && keep("b", body: 800, in: store))
        let told = store.answers(now: 1)
        #expect(told.map(\.size).sorted() == [700, 800])
        #expect(told.map(\.hash) == told.map(\.hash).sorted())
        #expect(told.allSatisfy { $0.seconds == 0 && $0.variant == 0 })
        #expect(store.answers(now: 2_000_000).isEmpty)
    }

    @Test("one answer that is too large displaces nothing")
    func tooLarge() {
        let store = CacheStore(totalSize: 10_000)
        #expect(keep("a", body: 1_000, in: store))
        #expect(!keep("b", body: 10_001, in: store))
        #expect(has("a", in: store))
        #expect(keep("c", body: 10_000, in: store))
        #expect(!has("a", in: store) && has("c", in: store))
    }

    @Test("what is still being sent counts, and not all else is thrown out for it")
    func heldMemory() throws {
        let store = CacheStore(totalSize: 3_000)
        #expect(keep("a", body: 2_000, in: store))
        let held = "a".withView { store.find($0, for: RequestVariant(), now: 1) }
        #expect(!keep("b", body: 1_500, in: store))
        #expect(store.budget.bytes == 2_000)
        try #require(held).release()
        #expect(store.budget.bytes == 0)
        #expect(keep("b", body: 1_500, in: store))
    }

    @Test("a smaller store drops what is too much")
    func resized() {
        let store = CacheStore(totalSize: 10_000)
        for i in 0..<10 { #expect(keep("k\(i)", body: 1_000, in: store)) }
        store.resize(to: 4_000)
        #expect(store.budget.bytes == 4_000 && store.count == 4)
        store.resize(to: 10_000)
        #expect(store.count == 4)
    }

    @Test("many threads find, keep and forget at once, and the budget comes out even")
    func threads() {
        let store = CacheStore(totalSize: 50_000)
        let threads = (0..<4).compactMap { seed in
            Thread(name: "cache") {
                for i in 0..<3_000 {
                    let name = "k\((i &* 7 &+ seed &* 13) % 90)"
                    switch i % 5 {
                    case 0: _ = keep(name, body: 900, in: store)
                    case 1: name.withView { store.forget($0) }
                    default: _ = has(name, in: store)
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(store.budget.bytes == 900 * store.count && store.budget.bytes <= 50_000)
    }

    @Test("stores live as long as their names are used, and change their size in place")
    func registry() {
        var registry = CacheRegistry()
        let store = registry.store(of: Cache(name: "a", totalSize: 10_000))
        #expect(keep("x", body: 1_000, in: store))
        #expect(registry.store(of: Cache(name: "a", totalSize: 20_000)) === store)
        #expect(store.budget.most == 20_000)
        registry.keep(["a"])
        #expect(registry.store(of: Cache(name: "a", totalSize: 20_000)) === store)
        registry.keep([])
        #expect(registry.store(of: Cache(name: "a", totalSize: 20_000)) !== store)
        #expect(registry.store(of: Cache(name: "b", totalSize: -5)).budget.most == 0)
    }

    @Test("senseless settings become the nearest that make sense")
    func policies() {
        func policy(_ change: (inout Cache) -> Void) -> CachePolicy {
            var cache = Cache(name: "a", totalSize: 1 << 20)
            change(&cache)
            return CachePolicy(CacheUse(cache), store: CacheStore(totalSize: 0))
        }
        #expect(policy { _ in }.longest == 4_096)
        #expect(policy { $0.maxObjectSize = 10_000 }.longest == 10_000)
        #expect(policy { $0.maxObjectSize = .max }.longest == 1 << 19)
        #expect(policy { $0.maxObjectSize = -1 }.longest == 4_096)
        #expect(policy { $0.totalSize = .max }.longest == (4_095 << 20) / 256)
        #expect(policy { $0.maxAge = -1 }.terms.maxAge == 0)
        #expect(policy { $0.maxSecondaryEntries = 0 }.variants == 1)
    }
}
