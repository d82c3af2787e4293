import Engine
import Model
import Testing

@testable import Command

@Suite("Spans for a collector")
struct SpanQueueTests {
    private static let millisecond: UInt64 = 1_000_000
    private static let second: UInt64 = 1_000_000_000

    private func batch(_ count: Int, _ service: String = "a", most: Int = 10, delay: Int = 100) -> SpanBatch {
        var tracing = Tracing()
        tracing.collector = "http://collector.test:4318/v1/traces"
        tracing.serviceName = service
        (tracing.batching.most, tracing.batching.delay) = (most, delay)
        return SpanBatch(tracing: tracing, spans: Array(repeating: 0x78, count: count), count: count)
    }

    private func sent(_ step: SpanQueue.Step) -> SpanQueue.Delivery? {
        if case .send(let delivery) = step { return delivery }
        return nil
    }

    private func waits(_ step: SpanQueue.Step) -> UInt64? {
        if case .wait(let until) = step { return until }
        return nil
    }

    @Test("an empty queue waits for ever")
    func empty() {
        var queue = SpanQueue()
        #expect(sent(queue.next(now: 0)) == nil && waits(queue.next(now: 0)) == nil)
    }

    @Test("the first waits as long as it may, and takes with it what has come")
    func delay() {
        var queue = SpanQueue()
        queue.add(batch(2), now: 0)
        queue.add(batch(3), now: 50 * Self.millisecond)
        #expect(waits(queue.next(now: 60 * Self.millisecond)) == 100 * Self.millisecond)
        let delivery = sent(queue.next(now: 100 * Self.millisecond))
        #expect(delivery?.count == 5 && delivery?.batches.count == 2 && delivery?.attempts == 1)
    }

    @Test("enough of them do not wait, and no more go together than may")
    func full() {
        var queue = SpanQueue()
        for _ in 0..<3 { queue.add(batch(4), now: 0) }
        #expect(sent(queue.next(now: 0))?.count == 8)
        #expect(queue.note(.taken(refusing: 0), now: 0, jitter: 0) == SpanQueue.Tally(exported: 8))
        #expect(sent(queue.next(now: 0)) == nil && queue.count == 4)
        queue.add(batch(25), now: 0)
        #expect(sent(queue.next(now: 0))?.count == 4)
        _ = queue.note(.taken(refusing: 0), now: 0, jitter: 0)
        // What was handed over as one goes as one.
        #expect(sent(queue.next(now: 0))?.count == 25)
    }

    @Test("what is for another collector, or from another service, goes by itself")
    func destinations() {
        var queue = SpanQueue()
        queue.add(batch(1), now: 0)
        queue.add(batch(1, "b"), now: 0)
        let delivery = sent(queue.next(now: 0))
        #expect(delivery?.count == 1 && delivery?.tracing.serviceName == "a")
    }

    @Test("nothing else is sent while something is under way, and it waits longer each time")
    func pauses() {
        var queue = SpanQueue()
        queue.add(batch(10), now: 0)
        queue.add(batch(10), now: 0)
        var now: UInt64 = 0
        for attempt in 1...SpanQueue.mostAttempts {
            let delivery = sent(queue.next(now: now))
            #expect(delivery?.attempts == attempt && delivery?.count == 10)
            let tally = queue.note(.later(seconds: nil), now: now, jitter: 0.5)
            guard attempt < SpanQueue.mostAttempts else {
                #expect(tally == SpanQueue.Tally(failed: 10))
                break
            }
            #expect(tally == SpanQueue.Tally())
            let pause = Self.second << UInt64(attempt - 1)
            #expect(waits(queue.next(now: now)) == now + pause)
            now += pause
        }
        #expect(sent(queue.next(now: now))?.attempts == 1 && queue.count == 10)
    }

    @Test(
        "a collector may ask for more time, two minutes at most, and never for less",
        arguments: [0, 7, 120, 9_999])
    func asked(seconds: UInt64) {
        var queue = SpanQueue()
        queue.add(batch(10), now: 0)
        _ = queue.next(now: 0)
        _ = queue.note(.later(seconds: seconds), now: 0, jitter: 0)
        let expected = seconds == 0 ? 800 * Self.millisecond : min(seconds, 120) * Self.second
        #expect(waits(queue.next(now: 0)) == expected)
    }

    @Test("what is refused is not tried again, and what is refused in part counts as both")
    func refused() {
        var queue = SpanQueue()
        for _ in 0..<3 { queue.add(batch(10), now: 0) }
        _ = queue.next(now: 0)
        #expect(queue.note(.refused, now: 0, jitter: 0) == SpanQueue.Tally(rejected: 10))
        _ = queue.next(now: 0)
        #expect(
            queue.note(.taken(refusing: 3), now: 0, jitter: 0) == SpanQueue.Tally(exported: 7, rejected: 3))
        _ = queue.next(now: 0)
        #expect(queue.note(.taken(refusing: 99), now: 0, jitter: 0) == SpanQueue.Tally(rejected: 10))
        #expect(queue.count == 0)
    }

    @Test("in the end all go at once, each is tried once, and what is left has failed")
    func ending() {
        var queue = SpanQueue()
        queue.add(batch(1, delay: 60_000), now: 0)
        queue.add(batch(2, "b", delay: 60_000), now: 0)
        queue.isEnding = true
        #expect(sent(queue.next(now: 0))?.count == 1)
        #expect(queue.note(.later(seconds: 60), now: 0, jitter: 0) == SpanQueue.Tally(failed: 1))
        #expect(sent(queue.next(now: 0))?.count == 2)
        #expect(queue.giveUp() == SpanQueue.Tally(failed: 2))
        #expect(queue.count == 0)
    }
}
