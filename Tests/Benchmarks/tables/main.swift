import Basics
import Glibc
import Model
import Synchronization
import Wire

run()

/// Prints nanoseconds per request: each holds its key's entry, counts a connection and a request, asks for the rate and lets go, as
/// `track-sc0` and `sc_http_req_rate` do. Bar: 1 µs, and two threads no dearer than their memory is.
func run() {
    for keys in [1, 1_000, 100_000, 1_000_000] {
        let table = table(size: 2_000_000)
        let alone = measure(threads: 1, table, keys: keys)
        let both = measure(threads: 2, table, keys: keys)
        report("track, count, check, release: \(keys) keys", alone, both)
    }
    let crowded = table(size: 100_000)
    _ = measure(threads: 1, crowded, keys: 300_000)
    report(
        "the same, a full table and mostly new keys", measure(threads: 1, crowded, keys: 10_000_000),
        measure(threads: 2, crowded, keys: 10_000_000))
    let sticky = table(size: 2_000_000)
    report(
        "find and touch: 100000 keys", measure(threads: 1, sticky, keys: 100_000, find),
        measure(threads: 2, sticky, keys: 100_000, find))
}

private func table(size: Int) -> SharedTable {
    var model = StickTable(
        type: .ip, size: size,
        stored: [
            StoredData(.connections), StoredData(.openConnections), StoredData(.requests),
            StoredData(.requestRate, period: 10_000),
        ])
    model.expire = 600_000
    return SharedTable(model)
}

private func track(_ table: SharedTable, _ key: TableKey, _ now: UInt64) {
    let held = table.hold(key, now: now) { shard, entry in
        shard.count(.connection, in: entry, table.layout, now: now)
        _ = shard.add(1, to: .openConnections, in: entry, table.layout)
        shard.count(.request, in: entry, table.layout, now: now)
    }
    guard let held else { return }
    let rate = table.use(held) { shard, entry in
        shard.value(.requestRate, in: entry, table.layout, now: now) ?? 0
    }
    refused.store(rate > 1_000_000 ? 1 : 0, ordering: .relaxed)
    table.use(held) { shard, entry in
        shard.takeOne(from: .openConnections, in: entry, table.layout)
        shard.letGo(entry, now: now)
    }
}

private func find(_ table: SharedTable, _ key: TableKey, _ now: UInt64) {
    table.obtain(key, now: now) { shard, entry in shard.touch(entry, now: now) }
}

private let refused = Atomic<Int>(0)
private let spent = Atomic<UInt64>(0)

/// The CPU time of a request, nanoseconds: what others do on the machine does not count.
private func measure(
    threads: Int, _ table: SharedTable, keys: Int,
    _ body: @escaping @Sendable (SharedTable, TableKey, UInt64) -> Void = track
) -> UInt64 {
    let count = 1_000_000
    spent.store(0, ordering: .relaxed)
    let running = (0..<threads).compactMap { thread in
        Thread(name: "t") {
            var state = UInt64(thread + 1) &* 0x9E37_79B9_7F4A_7C15
            let begin = cpu()
            for i in 0..<count {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                let number = UInt32(state % UInt64(keys))
                guard let key = TableKey(address(number), for: .ip) else { continue }
                body(table, key, Clock.now() / 1_000_000 &+ UInt64(i / 1_000_000))
            }
            spent.wrappingAdd(cpu() &- begin, ordering: .relaxed)
        }
    }
    running.forEach { $0.join() }
    return spent.load(ordering: .relaxed) / UInt64(count * threads)
}

private func address(_ number: UInt32) -> SocketAddress {
    var storage = sockaddr_storage()
    var v4 = sockaddr_in()
    v4.sin_family = sa_family_t(AF_INET)
    v4.sin_addr.s_addr = number.bigEndian
    withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v4, as: sockaddr_in.self) }
    return SocketAddress(storage)
}

private func cpu() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

private func report(_ name: String, _ alone: UInt64, _ both: UInt64) {
    print("\(name): \(alone) ns, two threads \(both) ns")
}
