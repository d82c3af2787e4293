extension RuntimeAPI {
    /// A client's session.
    func session(
        _ level: RuntimeLevel, patience: Int64, now: Int64, exposesListeners: Bool = false
    ) -> RuntimeSession {
        RuntimeSession(
            level, patience: patience, now: now, wait: wait, exposesListeners: exposesListeners
        ) { answer($0) }
    }

    /// What a client is told that sends these bytes, takes every answer and says no more.
    public func transcript(of bytes: [UInt8], level: RuntimeLevel) -> [UInt8] {
        var session = session(level, patience: .max / 4, now: 0)
        var told: [UInt8] = []
        session.receive(bytes[...], now: 0)
        while let time = session.wakeAt { session.wake(now: time) }
        while session.hasOutput {
            let part = Array(session.unsent)
            told += part
            session.advance(part.count, now: 0)
            // Time passes as fast as it is waited for.
            while let time = session.wakeAt { session.wake(now: time) }
        }
        return told
    }
}
