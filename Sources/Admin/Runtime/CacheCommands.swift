import Engine

/// `show cache`: what caches keep.
struct CacheCommands: Sendable {
    /// The caches there are, by name.
    let caches: @Sendable () -> [CacheReport]

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand("show cache", "", "show cache status", .admin) { _ in
                CacheCommands.text(caches())
            }
        ]
    }

    /// HAProxy's lines; its blocks are of 1 KiB, and so are these.
    static func text(_ caches: [CacheReport]) -> String {
        caches.enumerated().map { number, cache in
            let free = max(0, cache.limit - cache.used) / block
            let place = hexadecimal(UInt64(number + 1))
            let head = "\(place): \(cache.name) (shctx:\(place), available blocks:\(free))\n"
            return head + cache.answers.map(line).joined()
        }.joined()
    }

    private static let block = 1_024

    private static func line(_ answer: CacheReport.Answer) -> String {
        let blocks = (answer.size + block - 1) / block
        return "\(hexadecimal(answer.hash)) hash:\(UInt32(truncatingIfNeeded: answer.hash)) vary:"
            + "\(hexadecimal(answer.variant)) type:full size:\(answer.size) (\(blocks) blocks), refcount:0, "
            + "expire:\(answer.seconds)\n"
    }

    private static func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
}
