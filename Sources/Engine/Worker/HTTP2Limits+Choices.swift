import Wire

extension HTTP2Limits {
    /// The defaults with what the configuration chooses.
    init(window: Int?, streams: Int? = nil) {
        self.init()
        if let streams { self.streams = UInt32(clamping: max(1, streams)) }
        guard let window else { return }
        streamWindow = Int32(clamping: max(1, window))
        // One stream can use its window up.
        connectionWindow = max(connectionWindow, streamWindow)
    }
}
