/// A file whose contents are looked at again after a while, and kept when they can no longer be used.
struct ReloadedFile: Sendable, Equatable {
    let path: String
    /// Nanoseconds between two readings.
    let interval: UInt64
    private(set) var contents: [UInt8]?
    private var readAt: UInt64?

    init(_ path: String, interval: UInt64) {
        self.path = path
        self.interval = interval
    }

    /// The contents as of the last reading that `isUsable` accepted; nil before the first.
    mutating func current(
        at now: UInt64, read: (String) -> [UInt8]?, isUsable: ([UInt8]) -> Bool
    ) -> [UInt8]? {
        if let readAt, now >= readAt, now - readAt < interval { return contents }
        if let fresh = read(path), isUsable(fresh) {
            contents = fresh
            readAt = now
        } else if contents != nil {
            // The old one serves on; the next look is due after another interval, not at every request.
            readAt = now
        }
        return contents
    }

    /// Makes the next call read.
    mutating func expire() {
        readAt = nil
    }
}
