import Basics

/// Decides which credentials go with a request: reads files again when they may have changed, keeps what a plugin
/// answered until it expires, and drops what a 401 has rejected. Time and files are passed in.
struct CredentialCache {
    enum Answer: Equatable {
        case ready(Authorization)
        /// The plugin has to run first.
        case needsPlugin(ExecPlugin)
        case failed(String)
    }

    private let identity: Identity
    private var token: ReloadedFile?
    private var certificate: ReloadedFile?
    private var key: ReloadedFile?
    private var answer: ExecCredential?
    private var last: Authorization?
    private var generation = 0

    private static let second: UInt64 = 1_000_000_000
    /// A token is taken for good for a minute, and looked for anew when ten seconds of it are left.
    private static let tokenInterval = 50 * second
    /// Seconds before their end at which credentials are renewed for those who can not wait for it.
    private static let renewalMargin: Int64 = 10
    /// As the kubelet and client-go do.
    static let certificateInterval = 300 * second

    init(_ identity: Identity) {
        self.identity = identity
        if !identity.tokenFile.isEmpty {
            token = ReloadedFile(identity.tokenFile, interval: Self.tokenInterval)
        }
        if case .file(let path)? = identity.certificate {
            certificate = ReloadedFile(path, interval: Self.certificateInterval)
        }
        if case .file(let path)? = identity.key {
            key = ReloadedFile(path, interval: Self.certificateInterval)
        }
    }

    /// Whether the client certificate can change without anybody asking for credentials.
    var hasChangingCertificate: Bool { certificate != nil || key != nil }

    /// The credentials for a request that begins now; `seconds` is the time of day (since 1970).
    mutating func authorize(at now: UInt64, seconds: Int64, read: (String) -> [UInt8]?) -> Answer {
        if let plugin = identity.plugin, !(answer?.isValid(at: seconds) ?? false) {
            answer = nil
            return .needsPlugin(plugin)
        }
        var result = Authorization()
        if identity.certificate != nil || identity.key != nil {
            guard let certificate = pem(identity.certificate, &certificate, at: now, read),
                let key = pem(identity.key, &key, at: now, read)
            else { return .failed("the client certificate or its key cannot be read") }
            (result.certificate, result.key) = (certificate, key)
        }
        if let answer, !answer.certificate.isEmpty {
            (result.certificate, result.key) = (answer.certificate, answer.key)
        }
        switch bearer(at: now, read) {
        case .failure(let failure): return .failed(failure.reason)
        case .success(let header): if let header { result.headers.append(header) }
        }
        result.headers += identity.impersonation
        return .ready(numbered(result))
    }

    /// The plugin whose answer expires within seconds, and has not yet.
    func endingPlugin(at seconds: Int64) -> ExecPlugin? {
        guard let answer, answer.isValid(at: seconds), !answer.isValid(at: seconds + Self.renewalMargin)
        else {
            return nil
        }
        return identity.plugin
    }

    /// The server answered 401 to a request with credentials of this generation.
    mutating func reject(_ rejected: Int) {
        guard rejected == generation else { return }
        token?.expire()
        certificate?.expire()
        key?.expire()
        answer = nil
        // Whatever is read next counts as new, even if it is the same.
        last = nil
    }

    /// The plugin has answered.
    mutating func adopt(_ credential: ExecCredential) {
        answer = credential
    }

    private mutating func numbered(_ fresh: Authorization) -> Authorization {
        var result = fresh
        result.generation = generation
        if result == last { return result }
        generation += 1
        result.generation = generation
        last = result
        return result
    }

    private struct Failure: Error {
        let reason: String
    }

    private mutating func bearer(
        at now: UInt64, _ read: (String) -> [UInt8]?
    ) -> Result<String?, Failure> {
        if let token = answer?.token { return .success("Authorization: Bearer \(token.value)") }
        if token != nil {
            let contents = token?.current(at: now, read: read) { !Self.trimmed($0).isEmpty }
            if let contents { return .success("Authorization: Bearer \(Self.trimmed(contents))") }
            guard identity.token != nil else {
                return .failure(
                    Failure(reason: "the token file \(identity.tokenFile) is empty or unreadable"))
            }
        }
        if let token = identity.token { return .success("Authorization: Bearer \(token.value)") }
        guard !identity.username.isEmpty else { return .success(nil) }
        let pair = "\(identity.username):\(identity.password?.value ?? "")"
        return .success("Authorization: Basic \(Base64.encode(Array(pair.utf8)))")
    }

    private func pem(
        _ source: PEMSource?, _ file: inout ReloadedFile?, at now: UInt64, _ read: (String) -> [UInt8]?
    ) -> [UInt8]? {
        switch source {
        case nil: nil
        case .bytes(let bytes): bytes
        case .file: file?.current(at: now, read: read, isUsable: PEM.isPlausible)
        }
    }

    /// A token without the line end that every editor adds; a token with another control character is none.
    private static func trimmed(_ bytes: [UInt8]) -> String {
        let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
        let inner = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        return inner.contains(where: { $0 < 0x20 }) ? "" : String(decoding: inner, as: UTF8.self)
    }
}
