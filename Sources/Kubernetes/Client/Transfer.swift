/// One request on its way, and who hears of it. Lives on the client's thread.
final class Transfer {
    let request: APIRequest
    /// Nil when it has ended or was cancelled.
    var receiver: (any TransferReceiver)?
    /// Set while libcurl has it.
    var easy: CurlEasy?
    /// The reading of the credentials it was sent with.
    var generation = 0
    /// Whether an answer's head has come.
    var isAnswered = false

    init(_ request: APIRequest, to receiver: any TransferReceiver) {
        self.request = request
        self.receiver = receiver
    }
}

/// Hears of a transfer, in this order: a head, chunks of the body, the end. Nothing more is heard of one that was
/// cancelled.
protocol TransferReceiver: AnyObject {
    func received(status: Int, retryAfter: UInt64?, of transfer: Transfer)
    /// `arrivedAt` is when the first of the bytes came, in nanoseconds of CLOCK_MONOTONIC.
    func received(_ bytes: [UInt8], arrivedAt: UInt64, of transfer: Transfer)
    func ended(_ end: TransferEnd, of transfer: Transfer)
}

/// How a transfer ended.
enum TransferEnd: Sendable, Equatable {
    /// The answer is complete, whatever its status.
    case complete
    /// No answer, or half of one; why, in one line.
    case failed(String)
    /// Nothing was sent for want of credentials; why, in one line.
    case unauthenticated(String)
    /// The client was stopped.
    case stopped

    /// Whether the request has come to nothing by itself.
    var isFailure: Bool {
        switch self {
        case .failed, .unauthenticated: true
        case .complete, .stopped: false
        }
    }
}
