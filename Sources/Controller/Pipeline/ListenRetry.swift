/// When ports that could not be listened on are tried again: somebody else has them, who may give them back. Pure; times are
/// nanoseconds.
struct ListenRetry {
    /// When it is time; nil while nothing has to be tried.
    private(set) var at: UInt64?
    private var delay: UInt64 = 0

    private static let first: UInt64 = 1_000_000_000
    private static let longest: UInt64 = 30_000_000_000

    /// Ports were published; `isNew`: what was refused of them, if anything was, was not refused before.
    mutating func published(refused: Bool, isNew: Bool, now: UInt64) {
        guard refused else {
            at = nil
            return
        }
        delay = isNew || at == nil ? ListenRetry.first : min(2 * delay, ListenRetry.longest)
        at = now &+ delay
    }

    /// Whether it is time.
    func isDue(now: UInt64) -> Bool { at.map { $0 <= now } ?? false }
}
