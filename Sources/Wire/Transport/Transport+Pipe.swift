import CSystem

/// Bytes that go through within the kernel.
extension Transport {
    /// Whether they can: it is a socket, and nothing is encrypted.
    public var isPlainSocket: Bool { hasSocket && tls == nil }

    /// About how much a write would take now.
    public var roomToWrite: Int { canWrite ? csystem_room_to_send(descriptor) : 0 }

    /// Reads into a pipe, `most` bytes at most. Bytes may be left unread after fewer than that.
    public mutating func read(into pipe: BytePipe, most: Int) -> IOResult {
        let result = pipe.fill(from: descriptor, most: most)
        if result == .wouldBlock { canRead = false }
        return result
    }

    /// Writes what is in a pipe, or some of it.
    public mutating func write(from pipe: BytePipe) -> IOResult {
        guard canWrite else { return .wouldBlock }
        let result = pipe.drain(to: descriptor)
        if case .bytes = result { return result }
        canWrite = false
        return result
    }
}
