/// Speaks to one API server from a thread of its own: HTTP/2 where the server has it, all watches on one connection.
public final class APIClient: Sendable {
    /// What this client connects to.
    public let access: ClusterAccess
    /// How its requests have ended.
    public let requests: RequestCounts
    private let mailbox: Mailbox

    /// A client whose thread runs until `stop`. Nothing is connected before the first request.
    public init(_ access: ClusterAccess, userAgent: String) throws(ClusterError) {
        guard CurlMulti() != nil else { throw .library("cannot be set up") }
        let (mailbox, requests) = (Mailbox(), RequestCounts())
        let isStarted = ClientThread.start("api-client") {
            // The loop is made on its own thread, which nothing of it leaves.
            ClientLoop(access, userAgent: userAgent, mailbox: mailbox, counts: requests)?.run()
            mailbox.end()
        }
        guard isStarted else { throw .library("no thread") }
        self.access = access
        self.requests = requests
        self.mailbox = mailbox
    }

    deinit {
        mailbox.stop {}
    }

    /// Sends one request and waits for its complete answer, whatever its status. A 401 is answered with a second try
    /// with new credentials.
    public func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        let result = await withCheckedContinuation { (continuation: Continuation) in
            // Whoever receives keeps the call: the transfer holds its receiver until it has ended.
            let isPosted = post { loop in
                _ = APICall(request, on: loop) { continuation.resume(returning: $0) }
            }
            if !isPosted { continuation.resume(returning: .failure(.stopped)) }
        }
        return try result.get()
    }

    private typealias Continuation = CheckedContinuation<APICall.Outcome, Never>

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
