import Basics
import Glibc
import Model
import Synchronization
import Wire

/// Sends records to their targets: framed for each of them, cut at its length, as far as its levels and its sample say. Nothing here
/// waits for anyone: what a target does not take at once, or what its bounded store has no room for, is dropped and counted.
final class TargetSink: LogSink {
    private let plans: LogPlans
    private var known: [UInt16: LogPlan] = [:]
    private var frame = LogFrame(process: getpid())
    /// How many lines each target with a sample has been offered.
    private var offered: [LogTarget: Int] = [:]
    private var datagrams: [LogAddress: DatagramTarget] = [:]
    private var descriptors: [Int32: DescriptorTarget] = [:]
    private var rings: [LogRing: RingTarget] = [:]
    private var line = Buffer(capacity: 96 * 1024)

    init(_ plans: LogPlans) { self.plans = plans }

    func take(_ bytes: ByteView, isAbandoned: () -> Bool) {
        var rest = bytes
        while let record = LogRecord.first(of: rest) {
            send(record)
            rest = rest[record.count..<rest.count]
        }
        for target in descriptors.values { drop(target.handOver()) }
    }

    var waiting: [pollfd] { rings.values.flatMap(\.waiting) }

    var patience: Int32 {
        guard let next = rings.values.compactMap(\.nextTime).min() else { return -1 }
        let now = TargetSink.now
        return next > now ? Int32(clamping: next - now) : 0
    }

    func advance() {
        for ring in rings.values { ring.advance(now: TargetSink.now) }
    }

    func finish() {
        let end = TargetSink.now + 1_000
        while rings.values.contains(where: \.hasPending), TargetSink.now < end {
            var connections = waiting
            poll(&connections, nfds_t(connections.count), 20)
            advance()
        }
    }

    private static var now: UInt64 { Clock.now() / 1_000_000 }

    private func send(_ record: LogRecord) {
        guard let plan = known[record.plan] ?? plans[record.plan] else { return drop(1) }
        known[record.plan] = plan
        for target in plan.targets where record.level <= target.leastLevel.rawValue && isSampled(target) {
            write(record, plan, target)
        }
    }

    private func isSampled(_ target: LogTarget) -> Bool {
        guard let sample = target.sample else { return true }
        let number = offered[target, default: 0]
        offered[target] = (number + 1) % sample.size
        return sample.takes(number)
    }

    private func write(_ record: LogRecord, _ plan: LogPlan, _ target: LogTarget) {
        line.reset()
        var (framing, length) = (target.framing, target.maxLength)
        if case .ring(let ring) = target.address {
            framing = ring.framing ?? framing
            if ring.maxLength > 0 { length = ring.maxLength }
        }
        line.write { writer in
            frame.write(
                framing ?? (plan.host == nil ? .local : .rfc3164), record,
                level: max(record.level, target.mostLevel.rawValue),
                facility: target.facility.code, tag: plan.tag, host: plan.host, to: &writer)
            writer.append(record.message)
        }
        if line.count > length { line.truncate(to: length) }
        send(to: target.address)
    }

    /// Sends what stands in `line`.
    private func send(to address: LogAddress) {
        if case .ring(let ring) = address {
            let known = rings[ring] ?? RingTarget(ring)
            rings[ring] = known
            return drop(known.append(line.view))
        }
        line.append("\n")
        switch address {
        case .udp, .unixDatagram:
            let known = datagrams[address] ?? DatagramTarget(address)
            datagrams[address] = known
            if !known.send(line.view) { drop(1) }
        case .descriptor(let descriptor):
            let known = descriptors[descriptor] ?? DescriptorTarget(descriptor)
            descriptors[descriptor] = known
            drop(known.append(line.view))
        case .ring: break
        }
    }

    private func drop(_ count: Int) {
        if count > 0 { plans.dropped.wrappingAdd(UInt64(count), ordering: .relaxed) }
    }

    deinit { for target in descriptors.values { target.close() } }
}

/// Lines for a descriptor, which has a thread of its own: one that is slow delays no other target.
private final class DescriptorTarget {
    private let writer: LogWriter
    private var lines = Buffer(capacity: 128 * 1024)
    private var count = 0

    init(_ descriptor: Int32) { writer = LogWriter(descriptor: descriptor) }

    /// How many lines were dropped.
    func append(_ line: ByteView) -> Int {
        var dropped = 0
        if lines.room < line.count { dropped = handOver() }
        guard lines.append(line) else { return dropped + 1 }
        count += 1
        return dropped
    }

    /// How many lines were dropped.
    func handOver() -> Int {
        guard count > 0 else { return 0 }
        defer { count = 0 }
        guard !writer.take(&lines) else { return 0 }
        lines.reset()
        return count
    }

    func close() { writer.close() }
}
