import Basics
import CSystem

/// How memory goes back to the system.
enum LargeMemory {
    /// Large pieces are mapped one by one, so that what a burst of stalled downloads held is given back when they end. Without it
    /// glibc takes the first large piece that is freed as a sign to keep all such pieces, between small ones that live on
    /// (measured: 131 MiB stay of 131, instead of 64 of 107).
    static func giveBack() { _ = mallopt(M_MMAP_THRESHOLD, Int32(BufferPool.largePiece)) }
}
