import CCurl

/// Asks many URLs, each of an address that the URL does not name: a proxy's. Runs on the caller's thread until all are answered.
public struct DirectClient: Sendable {
    /// How many are on their way at once.
    public var concurrency = 8
    /// Milliseconds until an answer that is not complete counts as none.
    public var timeLimit = 10_000
    /// Bytes of a body; the rest is not read.
    public var bodyLimit = 1 << 20
    /// Whether certificates have to be those of a known authority and the URL's host.
    public var verifiesCertificates = true
    private let userAgent: String

    /// One that calls itself so.
    public init(userAgent: String) { self.userAgent = userAgent }

    /// A request and where it goes.
    public struct Request: Sendable {
        /// `GET`, …
        public var method: String
        /// Its host is the Host and the server name, with the port if it names one.
        public var url: String
        /// `HOST:PORT`, an IPv6 address in brackets.
        public var address: String
        /// Lines besides Host, Accept and User-Agent.
        public var headers: [String]

        /// A request from its parts.
        public init(method: String, url: String, address: String, headers: [String] = []) {
            (self.method, self.url, self.address, self.headers) = (method, url, address, headers)
        }
    }

    /// A complete answer, or one that was cut off at the limit.
    public struct Answer: Sendable {
        /// The status code.
        public var status = 0
        /// `Name: value`, in order.
        public var fields: [String] = []
        /// As far as it was read.
        public var body: [UInt8] = []
        /// Whether there is more of it.
        public var isCut = false
    }

    /// How a request ended.
    public enum Outcome: Sendable {
        /// With an answer.
        case answered(Answer)
        /// Without one; why, in one line.
        case failed(String)
    }

    /// Asks all of them and tells of each once, by its index, in the order they end.
    public func send(_ requests: [Request], each: (Int, Outcome) -> Void) throws(ClusterError) {
        guard let curl = CurlMulti() else { throw .library("cannot be set up") }
        var running: [UInt: Running] = [:]
        var next = 0
        while next < requests.count || !running.isEmpty {
            while next < requests.count, running.count < concurrency {
                if let easy = start(requests[next], on: curl) {
                    running[easy.identity] = Running(index: next)
                } else {
                    each(next, .failed("the request cannot be sent"))
                }
                next += 1
            }
            curl.perform()
            for easy in curl.transfersWithNews() { take(easy, curl, &running, each) }
            while let (easy, code) = curl.nextEnded() {
                curl.remove(easy)
                guard let one = running.removeValue(forKey: easy.identity) else { continue }
                each(one.index, code == 0 ? .answered(one.answer) : .failed(easy.failure(of: code)))
            }
            if !running.isEmpty { curl.wait(milliseconds: 1_000) }
        }
    }

    private struct Running {
        let index: Int
        var answer = Answer()
    }

    /// Takes what has arrived; an answer whose body is too long ends here.
    private func take(
        _ easy: CurlEasy, _ curl: CurlMulti, _ running: inout [UInt: Running], _ each: (Int, Outcome) -> Void
    ) {
        guard var one = running[easy.identity], let news = easy.takeArrivals() else { return }
        if news.status > 0 { one.answer.status = news.status }
        one.answer.fields += news.fields
        one.answer.body += news.body
        guard one.answer.body.count > bodyLimit else {
            running[easy.identity] = one
            return
        }
        one.answer.body.removeLast(one.answer.body.count - bodyLimit)
        one.answer.isCut = true
        curl.remove(easy)
        running[easy.identity] = nil
        each(one.index, .answered(one.answer))
    }

    private func start(_ request: Request, on curl: CurlMulti) -> CurlEasy? {
        guard let easy = CurlEasy() else { return nil }
        easy.keepsFields = true
        easy.set(CURLOPT_URL, request.url)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        // Both proxies are asked for what the line says, dots and all.
        easy.set(CURLOPT_PATH_AS_IS, 1)
        easy.set(CURLOPT_NOSIGNAL, 1)
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, timeLimit)
        easy.set(CURLOPT_TIMEOUT_MS, timeLimit)
        easy.set(CURLOPT_USERAGENT, userAgent)
        easy.set(CURLOPT_PROXY, "")
        easy.setConnectTo("::\(request.address)")
        easy.setHeaders(request.headers)
        switch request.method {
        case "GET": break
        case "HEAD": easy.set(CURLOPT_NOBODY, 1)
        default: easy.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        if !verifiesCertificates {
            easy.set(CURLOPT_SSL_VERIFYPEER, 0)
            easy.set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        return curl.add(easy) ? easy : nil
    }
}
