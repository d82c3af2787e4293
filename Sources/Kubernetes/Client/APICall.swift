/// One request and its complete answer, on the client's thread. A 401 is answered with a second try with new credentials,
/// as a token may have been rotated since it was read.
final class APICall: TransferReceiver {
    typealias Outcome = Result<APIResponse, ClusterError>

    private let request: APIRequest
    private let then: (Outcome) -> Void
    private unowned let loop: ClientLoop
    private var transfer: Transfer?
    private var response = APIResponse(status: 0, body: [])
    private var mayTryAgain = true

    /// Sends the request; `then` hears of the answer once, never before this returns, and not at all after `cancel`.
    init(_ request: APIRequest, on loop: ClientLoop, then: @escaping (Outcome) -> Void) {
        self.request = request
        self.loop = loop
        self.then = then
        transfer = loop.send(request, to: self)
    }

    /// Drops the request; whether it has reached the server is not known.
    func cancel() {
        if let transfer { loop.cancel(transfer) }
        transfer = nil
    }

    func received(status: Int, retryAfter: UInt64?, of transfer: Transfer) {
        response.status = status
        response.retryAfter = retryAfter
    }

    func received(_ bytes: [UInt8], arrivedAt: UInt64, of transfer: Transfer) {
        response.body += bytes
    }

    func ended(_ end: TransferEnd, of transfer: Transfer) {
        self.transfer = nil
        switch end {
        case .complete where response.status == 401 && mayTryAgain:
            mayTryAgain = false
            response = APIResponse(status: 0, body: [])
            self.transfer = loop.send(request, to: self)
        case .complete: then(.success(response))
        case .failed(let reason): then(.failure(.unreachable(reason)))
        case .unauthenticated(let reason): then(.failure(.noCredentials(reason)))
        case .stopped: then(.failure(.stopped))
        }
    }
}
