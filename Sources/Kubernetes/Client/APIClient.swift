/// Speaks to one API server from a thread of its own: HTTP/2 where the server has it, all watches on one connection.
public final class APIClient: Sendable {
    /// What this client connects to.
    public let access: ClusterAccess
    private let mailbox: Mailbox

    /// A client whose thread runs until `stop`. Nothing is connected before the first request.
    public init(_ access: ClusterAccess, userAgent: String) throws(ClusterError) {
        guard CurlMulti() != nil else { throw .library("cannot be set up") }
        let mailbox = Mailbox()
        let isStarted = ClientThread.start("api-client") {
            // The loop is made on its own thread, which nothing of it leaves.
            ClientLoop(access, userAgent: userAgent, mailbox: mailbox)?.run()
            mailbox.end()
        }
        guard isStarted else { throw .library("no thread") }
        self.access = access
        self.mailbox = mailbox
    }

    deinit {
        mailbox.stop {}
    }

    /// Sends one request and waits for its complete answer, whatever its status. A 401 is answered with a second try
    /// with new credentials.
    public func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        let response = try await sendOnce(request)
        return response.status == 401 ? try await sendOnce(request) : response
    }

    private func sendOnce(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        let result = await withCheckedContinuation { (continuation: ResponseCollector.Continuation) in
            let isPosted = post { loop in
                _ = loop.send(request, to: ResponseCollector(continuation))
            }
            if !isPosted { continuation.resume(returning: .failure(.stopped)) }
        }
        return try result.get()
    }

    /// The answer's body if its status is 2xx.
    public func get(_ target: String) async throws(ClusterError) -> [UInt8] {
        let response = try await send(APIRequest(target))
        guard (200..<300).contains(response.status) else {
            let status = APIStatus(decoding: response.body, httpStatus: response.status)
            throw .refused(status: response.status, reason: OneLine.of(status.message))
        }
        return response.body
    }

    /// Cancels all requests and watches and ends the thread; returns when it has ended.
    public func stop() async {
        await withCheckedContinuation { continuation in mailbox.stop { continuation.resume() } }
    }

    /// Runs a job on the client's thread; false when that has ended.
    func post(_ job: @escaping Mailbox.Job) -> Bool { mailbox.post(job) }
}

/// Gathers one answer for whoever awaits it.
private final class ResponseCollector: TransferReceiver {
    typealias Continuation = CheckedContinuation<Result<APIResponse, ClusterError>, Never>

    private let continuation: Continuation
    private var response = APIResponse(status: 0, body: [])

    init(_ continuation: Continuation) {
        self.continuation = continuation
    }

    func received(status: Int, retryAfter: UInt64?, of transfer: Transfer) {
        response.status = status
        response.retryAfter = retryAfter
    }

    func received(_ bytes: [UInt8], arrivedAt: UInt64, of transfer: Transfer) {
        response.body += bytes
    }

    func ended(_ end: TransferEnd, of transfer: Transfer) {
        switch end {
        case .complete: continuation.resume(returning: .success(response))
        case .failed(let reason): continuation.resume(returning: .failure(.unreachable(reason)))
        case .unauthenticated(let reason): continuation.resume(returning: .failure(.noCredentials(reason)))
        case .stopped: continuation.resume(returning: .failure(.stopped))
        }
    }
}
