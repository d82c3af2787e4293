extension RuntimeAPI {
    /// What a client is told that sends these bytes, takes every answer and says no more.
    public func transcript(of bytes: [UInt8], level: RuntimeLevel) -> [UInt8] {
        var session = RuntimeSession(level, patience: .max / 2, now: 0) { answer($0) }
        var told: [UInt8] = []
        session.receive(bytes[...], now: 0)
        while session.hasOutput {
            let part = Array(session.unsent)
            told += part
            session.advance(part.count, now: 0)
        }
        return told
    }
}
