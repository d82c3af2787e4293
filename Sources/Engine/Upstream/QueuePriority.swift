import Model

/// How a request stands among those that wait for a place at a server.
struct QueuePriority: Equatable {
    /// The lower, the earlier.
    var level = 0
    /// Milliseconds that it counts as having come later, within its class.
    var offset = 0

    /// Takes a value, or the nearest one that there is.
    mutating func set(_ kind: ConnectionSetting.Kind, to value: Int64) {
        let value = Int(min(kind.range.upperBound, max(kind.range.lowerBound, value)))
        if kind == .priorityClass { level = value } else { offset = value }
    }
}

/// What packets to a server are marked with; nil leaves them as they are.
struct PacketMarks: Equatable {
    var tos: UInt8?
    var mark: UInt32?

    var isEmpty: Bool { tos == nil && mark == nil }
}
