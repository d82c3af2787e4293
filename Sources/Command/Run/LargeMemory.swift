import CSystem

/// How memory goes back to the system.
enum LargeMemory {
    /// Pieces from here on are mapped one by one, in bytes. The buffers of bodies are larger, those of heads smaller.
    static let threshold: Int32 = 64 * 1024

    /// What a burst of stalled downloads held is given back when they end. Without it glibc takes the first large piece that is
    /// freed as a sign to keep all such pieces, between small ones that live on (measured: 131 MiB stay of 131, instead of 55).
    static func giveBack() { _ = mallopt(M_MMAP_THRESHOLD, threshold) }
}
