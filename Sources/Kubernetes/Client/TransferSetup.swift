import CCurl

/// Turns a request into libcurl options for one cluster.
final class TransferSetup {
    private let access: ClusterAccess
    private let userAgent: String
    private let base: String
    private let connectTo: String
    private let host: String
    private var authorities: ReloadedFile?
    /// What the open connections show; nil before the first.
    private var certificate: [UInt8]?

    private static let second: UInt64 = 1_000_000_000

    init(_ access: ClusterAccess, userAgent: String) {
        self.access = access
        self.userAgent = userAgent
        (base, connectTo, host) = access.route
        if case .authorities(.file(let path)) = access.trust {
            authorities = ReloadedFile(path, interval: 300 * Self.second)
        }
    }

    /// Notes the client certificate that goes with the next requests; true if open connections show another one.
    func adoptCertificate(of authorization: Authorization) -> Bool {
        defer { certificate = authorization.certificate }
        guard let certificate else { return false }
        return certificate != authorization.certificate
    }

    /// Sets all options; if the request cannot be sent, why, in one line.
    func prepare(
        _ easy: CurlEasy, for request: APIRequest, with authorization: Authorization
    ) -> String? {
        if let problem = prepareTrust(easy) { return problem }
        easy.set(CURLOPT_URL, base + request.target)
        easy.set(CURLOPT_NOSIGNAL, 1)
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, 10_000)
        if request.timeLimit > 0 { easy.set(CURLOPT_TIMEOUT_MS, Int(request.timeLimit / 1_000_000)) }
        prepareConnection(easy)
        prepareHeaders(easy, request, authorization)
        if !authorization.certificate.isEmpty && access.isEncrypted {
            easy.set(CURLOPT_SSLCERT_BLOB, blob: authorization.certificate)
            easy.set(CURLOPT_SSLKEY_BLOB, blob: authorization.key)
        }
        if request.method != "GET" { easy.set(CURLOPT_CUSTOMREQUEST, request.method) }
        if !request.body.isEmpty { easy.setBody(request.body) }
        return nil
    }

    private func prepareConnection(_ easy: CurlEasy) {
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        // Wait for the connection that is being made rather than make one for each watch.
        easy.set(CURLOPT_PIPEWAIT, 1)
        easy.set(CURLOPT_BUFFERSIZE, 64 << 10)
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if !access.proxy.isEmpty {
            easy.set(CURLOPT_PROXY, access.proxy)
            easy.set(CURLOPT_NOPROXY, "")
        }
        if !connectTo.isEmpty { easy.setConnectTo(connectTo) }
    }

    /// Why nobody can be trusted at present, if that is so.
    private func prepareTrust(_ easy: CurlEasy) -> String? {
        switch access.trust {
        case .system: break
        case .any:
            easy.set(CURLOPT_SSL_VERIFYPEER, 0)
            easy.set(CURLOPT_SSL_VERIFYHOST, 0)
        case .authorities(.bytes(let pem)): setAuthorities(easy, pem)
        case .authorities(.file(let path)):
            let pem = authorities?.current(
                at: Monotonic.now(), read: { try? FileContents.read($0).get() }, isUsable: PEM.isPlausible)
            guard let pem else { return "\(path) holds no certificate authority" }
            setAuthorities(easy, pem)
        }
        return nil
    }

    private func setAuthorities(_ easy: CurlEasy, _ pem: [UInt8]) {
        easy.set(CURLOPT_CAINFO_BLOB, blob: pem)
        easy.set(CURLOPT_CAPATH, nil)
    }

    private func prepareHeaders(_ easy: CurlEasy, _ request: APIRequest, _ authorization: Authorization) {
        var lines = ["Accept: application/json"]
        if !request.body.isEmpty && !request.headers.contains(where: { $0.hasPrefix("Content-Type:") }) {
            lines.append("Content-Type: application/json")
        }
        if !host.isEmpty { lines.append("Host: \(host)") }
        lines += request.headers
        if access.isEncrypted { lines += authorization.headers }
        // libcurl would wait a second for "100 Continue" before larger bodies.
        lines.append("Expect:")
        easy.setHeaders(lines)
        easy.set(CURLOPT_USERAGENT, userAgent)
        if request.acceptsGzip && !access.isCompressionDisabled { easy.set(CURLOPT_ACCEPT_ENCODING, "gzip") }
    }
}
