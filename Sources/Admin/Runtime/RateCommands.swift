import Engine
import Model

/// `set rate-limit`: how much may begin in a second, until the configuration is read again.
struct RateCommands: Sendable {
    let engine: Engine

    var commands: [RuntimeCommand] {
        [
            RuntimeCommand(
                "set rate-limit", "<setting> <value>", "change a rate limiting value", .admin
            ) { set($0) }
        ]
    }

    private static let usage = """
        'set rate-limit' only supports :
           - 'connections global' to set the per-process maximum connection rate
           - 'sessions global' to set the per-process maximum session rate
           - 'ssl-sessions global' to set the per-process maximum SSL session rate
           - 'http-compression global' to set the per-process maximum compression speed in kB/s

        """

    private func set(_ call: RuntimeCall) -> String {
        let words = call.words
        guard words.count >= 2, words[1] == "global", let change = RateCommands.changes[words[0]] else {
            return RateCommands.usage
        }
        guard words.count > 2 else { return "Expects an integer value.\n" }
        guard let limit = Int(words[2]), (0...Int(Int32.max)).contains(limit) else {
            return "Value out of range.\n"
        }
        change(engine, limit)
        return ""
    }

    private static let changes: [String: @Sendable (Engine, Int) -> Void] = [
        "connections": { engine, limit in engine.limitRates { $0.connectionRate = limit } },
        "sessions": { engine, limit in engine.limitRates { $0.sessionRate = limit } },
        "ssl-sessions": { engine, limit in engine.limitRates { $0.handshakeRate = limit } },
        "http-compression": { engine, limit in engine.limitCompression(to: Int64(limit) * 1_024) },
    ]
}
