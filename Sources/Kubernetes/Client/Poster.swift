import CCurl

/// POSTs to somebody who is no API server, one after the other and waited for, over libcurl. For a thread that has nothing else to do;
/// it never leaves it.
public final class Poster {
    private let curl: CurlMulti
    private let userAgent: String

    /// The most of an answer's body that is read: more is an error.
    private static let longestAnswer = 64 << 10
    /// How often it is asked whether anybody still waits, in milliseconds.
    private static let lookAround: Int32 = 100

    /// What came of a POST.
    public enum Outcome: Sendable, Equatable {
        /// An answer, with its status, how many seconds it asks to wait, and its body.
        case answered(status: Int, retryAfter: UInt64?, body: [UInt8])
        /// None, and why in one line.
        case failed(String)
    }

    /// Fails only for want of memory.
    public init?(userAgent: String) {
        guard let curl = CurlMulti() else { return nil }
        self.curl = curl
        self.userAgent = userAgent
    }

    /// Sends a body; `timeLimit` is in milliseconds, for all of it. It ends early when `isGivenUp` says so. Connections are kept for the
    /// next.
    public func post(
        _ body: [UInt8], to url: String, fields: [String], timeLimit: Int, isGivenUp: () -> Bool
    ) -> Outcome {
        guard let easy = CurlEasy() else { return .failed("no memory") }
        easy.set(CURLOPT_URL, url)
        easy.set(CURLOPT_NOSIGNAL, 1)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, min(timeLimit, 5_000))
        easy.set(CURLOPT_TIMEOUT_MS, timeLimit)
        easy.set(CURLOPT_USERAGENT, userAgent)
        // libcurl would wait a second for "100 Continue" before larger bodies.
        easy.setHeaders(fields + ["Expect:"])
        easy.setBody(body)
        guard curl.add(easy) else { return .failed("it cannot be sent") }
        defer { curl.remove(easy) }
        var (status, retryAfter, answer): (Int, UInt64?, [UInt8]) = (0, nil, [])
        while true {
            curl.perform()
            if let news = easy.takeArrivals() {
                if news.status > 0 { (status, retryAfter) = (news.status, news.retryAfter) }
                answer += news.body
            }
            guard answer.count <= Poster.longestAnswer else { return .failed("its answer is too long") }
            if let (_, code) = curl.nextEnded() {
                guard code == 0 else { return .failed(easy.failure(of: code)) }
                return .answered(status: status, retryAfter: retryAfter, body: answer)
            }
            if isGivenUp() { return .failed("given up") }
            curl.wait(milliseconds: Poster.lookAround)
        }
    }
}
