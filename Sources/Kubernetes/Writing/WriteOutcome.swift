/// What came of a write, as far as it decides what to do next.
public enum WriteOutcome: Sendable, Equatable {
    /// It is written; the object as it is now.
    case done([UInt8])
    /// Somebody else has written since, or the object exists already.
    case conflict
    /// There is no such object, or no such kind.
    case missing
    /// The account may not; the server's own words.
    case forbidden(String)
    /// The server does not take this write, and would not take it later; why, in one line.
    case rejected(String)
    /// The same write may succeed later: throttled, a server in trouble, no answer. Why, and after how many seconds if the server
    /// says so.
    case later(String, retryAfter: UInt64? = nil)

    init(_ outcome: APICall.Outcome) {
        switch outcome {
        case .failure(let error): self = .later(error.description)
        case .success(let response): self.init(response)
        }
    }

    init(_ response: APIResponse) {
        guard !(200..<300).contains(response.status) else {
            self = .done(response.body)
            return
        }
        var status = APIStatus(decoding: response.body, httpStatus: response.status)
        status.code = response.status
        let retryAfter = response.retryAfter ?? status.retryAfterSeconds.flatMap { UInt64(exactly: $0) }
        switch response.status {
        case 409: self = .conflict
        case 404: self = .missing
        case 403: self = .forbidden(status.message.isEmpty ? status.summary : OneLine.of(status.message))
        case 401, 408, 429, 500...: self = .later(status.summary, retryAfter: retryAfter)
        default: self = .rejected(status.summary)
        }
    }
}
