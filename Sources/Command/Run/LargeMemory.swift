import Basics
import CSystem

/// How memory goes back to the system, and from one thread to another.
enum LargeMemory {
    /// Large pieces are mapped one by one, so that what a burst of stalled downloads held is given back when they end. Without it
    /// glibc takes the first large piece that is freed as a sign to keep all such pieces, between small ones that live on
    /// (measured: 131 MiB stay of 131, instead of 64 of 107).
    static func giveBack() { _ = mallopt(M_MMAP_THRESHOLD, Int32(BufferPool.largePiece)) }

    /// Lets four workers and all other threads share an arena of glibc's; to be called before there are threads. With an arena each,
    /// objects that were read by threads at the beginning leave holes there when they are replaced, which nobody fills (measured: 10,000
    /// Ingresses take 136 MiB, and 152 when each of their slices has changed). Requests allocate nothing, so workers seldom meet there.
    static func share(by workers: Int) { _ = mallopt(M_ARENA_MAX, Int32(max(1, min(64, workers / 4)))) }
}
