import Wire

/// An attempt at a server that came to nothing, or whose answer somebody else writes in its place: kept for lines that tell of each.
struct FailedAttempt {
    let address: SocketAddress
    /// What it is said to have been answered.
    let status: UInt16
    /// Milliseconds from when the server was chosen; -1 for what was not reached.
    let connect: Int64
    let head: Int64
    let total: Int64
    /// Who writes error pages has been asked then.
    var isHandedOver = false

    /// Only so many are told of; retries may be without bound.
    static var most: Int { 16 }
}
