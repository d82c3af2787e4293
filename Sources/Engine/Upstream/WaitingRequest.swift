import Basics

/// What a worker keeps of a request that waits for a place at a server.
struct WaitingRequest: ~Copyable {
    let exchange: Ref<Exchange>
    /// The worker's configuration when it was put here.
    let epoch: UInt64
    /// What it is called in the backend's lines, and its turn there, kept when it is looked at anew.
    var ticket: WaitingLines.Ticket?
    var turn = WaitingLines.Turn()
    /// Neighbours among the worker's own.
    var previous: Ref<WaitingRequest>?
    var next: Ref<WaitingRequest>?

    init(exchange: Ref<Exchange>, epoch: UInt64) {
        self.exchange = exchange
        self.epoch = epoch
    }
}

/// A place at a server on its way to the worker whose request is next.
struct PlaceGrant: Sendable {
    let backend: BackendState
    let server: ServerState
    let ticket: WaitingLines.Ticket
}
