import Wire

extension HTTP2Limits {
    /// The defaults with what the configuration chooses.
    init(window: Int?) {
        self.init()
        guard let window else { return }
        streamWindow = Int32(clamping: max(1, window))
        // One stream can use its window up.
        connectionWindow = max(connectionWindow, streamWindow)
    }
}
