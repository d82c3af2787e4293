import Testing

@testable import Kubernetes

@Suite("Credentials")
struct CredentialCacheTests {
    private let second: UInt64 = 1_000_000_000
    private let plugin = ExecPlugin(apiVersion: "client.authentication.k8s.io/v1", command: "p")
    private let pem = Array("-----BEGIN X-----\nMAMCAQE=\n-----END X-----\n".utf8)

    /// The header lines of a request at so many seconds.
    private func headers(
        _ cache: inout CredentialCache, at seconds: UInt64, _ files: [String: String] = [:]
    ) -> [String]? {
        guard case .ready(let authorization) = ask(&cache, at: seconds, files) else { return nil }
        return authorization.headers
    }

    private func ask(
        _ cache: inout CredentialCache, at seconds: UInt64, _ files: [String: String] = [:]
    ) -> CredentialCache.Answer {
        cache.authorize(at: seconds * second, seconds: Int64(seconds)) { path in
            files[path].map { Array($0.utf8) }
        }
    }

    private func cache(_ change: (inout Identity) -> Void) -> CredentialCache {
        var identity = Identity()
        change(&identity)
        return CredentialCache(identity)
    }

    @Test("a plugin's answer is renewed ten seconds before its end, and serves until there is another")
    func renewal() {
        var cache = cache { $0.plugin = plugin }
        #expect(cache.endingPlugin(at: 1) == nil, "nothing was asked for yet")
        cache.adopt(ExecCredential(token: Confidential("one"), expiration: 100))
        #expect(cache.endingPlugin(at: 89) == nil)
        #expect(cache.endingPlugin(at: 90) == plugin)
        #expect(headers(&cache, at: 99) == ["Authorization: Bearer one"])
        cache.adopt(ExecCredential(token: Confidential("two"), expiration: 200))
        #expect(cache.endingPlugin(at: 99) == nil)
        #expect(headers(&cache, at: 99) == ["Authorization: Bearer two"])
        #expect(cache.endingPlugin(at: 200) == nil, "it has ended: whoever asks waits for the next")
        cache.adopt(ExecCredential(token: Confidential("three")))
        #expect(cache.endingPlugin(at: 1_000_000) == nil, "it holds until a 401")
    }

    @Test("a token file is read again after 50 s and trimmed")
    func tokenFile() {
        var cache = cache { $0.tokenFile = "t" }
        #expect(headers(&cache, at: 1, ["t": " one\n"]) == ["Authorization: Bearer one"])
        #expect(headers(&cache, at: 50, ["t": "two"]) == ["Authorization: Bearer one"])
        #expect(headers(&cache, at: 51, ["t": "two"]) == ["Authorization: Bearer two"])
    }

    @Test("a token file that becomes unusable keeps the old token", arguments: ["", " \n", "a\u{1}b"])
    func tokenFileVanishes(contents: String) {
        var cache = cache { $0.tokenFile = "t" }
        _ = headers(&cache, at: 1, ["t": "one"])
        #expect(headers(&cache, at: 99, ["t": contents]) == ["Authorization: Bearer one"])
        #expect(headers(&cache, at: 199) == ["Authorization: Bearer one"])
    }

    @Test("a token file that never could be read is a failure, unless there is a token beside it")
    func tokenFileMissing() {
        var alone = cache { $0.tokenFile = "t" }
        #expect(ask(&alone, at: 1) == .failed("the token file t is empty or unreadable"))
        #expect(headers(&alone, at: 2, ["t": "late"]) == ["Authorization: Bearer late"])
        var both = cache {
            $0.tokenFile = "t"
            $0.token = Confidential("inline")
        }
        #expect(headers(&both, at: 1) == ["Authorization: Bearer inline"])
        #expect(headers(&both, at: 2, ["t": "file"]) == ["Authorization: Bearer file"])
    }

    @Test("a 401 makes the token file be read at once, but only for the token it was about")
    func rejection() {
        var cache = cache { $0.tokenFile = "t" }
        guard case .ready(let first) = ask(&cache, at: 1, ["t": "one"]) else { return #expect(Bool(false)) }
        cache.reject(first.generation)
        guard case .ready(let second) = ask(&cache, at: 2, ["t": "two"]) else { return #expect(Bool(false)) }
        #expect(second.headers == ["Authorization: Bearer two"])
        cache.reject(first.generation)
        #expect(
            headers(&cache, at: 3, ["t": "three"]) == ["Authorization: Bearer two"], "an old 401 says nothing"
        )
    }

    @Test("unchanged credentials keep their generation")
    func generations() {
        var cache = cache { $0.token = Confidential("x") }
        let first = ask(&cache, at: 1)
        #expect(ask(&cache, at: 2) == first)
    }

    @Test("user name and password become basic authentication; impersonation follows")
    func basic() {
        var cache = cache {
            $0.username = "bob"
            $0.password = Confidential("pw")
            $0.impersonation = ["Impersonate-User: eve"]
        }
        #expect(headers(&cache, at: 1) == ["Authorization: Basic Ym9iOnB3", "Impersonate-User: eve"])
    }

    @Test("a plugin is asked first, its answer kept until it expires")
    func pluginExpiry() {
        var cache = cache { $0.plugin = plugin }
        #expect(ask(&cache, at: 1) == .needsPlugin(plugin))
        cache.adopt(ExecCredential(token: Confidential("x"), expiration: 100))
        #expect(headers(&cache, at: 99) == ["Authorization: Bearer x"])
        #expect(ask(&cache, at: 100) == .needsPlugin(plugin))
    }

    @Test("a plugin's answer without expiry is kept until a 401")
    func pluginRejection() {
        var cache = cache { $0.plugin = plugin }
        cache.adopt(ExecCredential(token: Confidential("x")))
        guard case .ready(let authorization) = ask(&cache, at: 1_000_000) else { return #expect(Bool(false)) }
        cache.reject(authorization.generation)
        #expect(ask(&cache, at: 1_000_001) == .needsPlugin(plugin))
    }

    @Test("a client certificate file is looked at every five minutes and kept when it breaks")
    func certificateFiles() {
        var cache = cache {
            $0.certificate = .file("c")
            $0.key = .file("k")
        }
        let good = String(decoding: pem, as: UTF8.self)
        #expect(ask(&cache, at: 1) == .failed("the client certificate or its key cannot be read"))
        guard case .ready(let first) = ask(&cache, at: 2, ["c": good, "k": good]) else {
            return #expect(Bool(false))
        }
        #expect(first.certificate == pem && first.key == pem)
        let newer = good + good
        guard case .ready(let kept) = ask(&cache, at: 400, ["c": "half a f", "k": newer]) else {
            return #expect(Bool(false))
        }
        #expect(kept.certificate == pem && kept.key == Array(newer.utf8))
        #expect(kept.generation != first.generation)
    }

    @Test(
        "PEM text is recognised",
        arguments: [
            ("", false), ("garbage", false), ("-----BEGIN X-----\nMAMCAQE=\n", false),
            ("-----BEGIN X-----\nMAMCAQE=\n-----END X-----", true),
            ("comment\n-----BEGIN X-----\nProc-Type: 4\n\nMAMCAQE=\n-----END X-----\r\n", true),
            ("-----BEGIN X-----\n?\n-----END X-----", false), ("-----END X-----", false),
        ])
    func pemText(text: String, isPlausible: Bool) {
        #expect(PEM.isPlausible(Array(text.utf8)) == isPlausible)
    }
}

@Suite("Plugin answers")
struct ExecCredentialTests {
    private let version = "client.authentication.k8s.io/v1"

    private func answer(_ status: String, version: String? = nil) throws -> ExecCredential {
        let text =
            #"{"kind":"ExecCredential","apiVersion":"\#(version ?? self.version)","status":\#(status)}"#
        return try ExecCredential(decoding: Array(text.utf8), apiVersion: self.version)
    }

    @Test("a token with its expiry is read")
    func token() throws {
        let credential = try answer(#"{"token":"x","expirationTimestamp":"1970-01-01T00:01:40Z"}"#)
        #expect(credential.token == Confidential("x") && credential.expiration == 100)
        #expect(credential.isValid(at: 99) && !credential.isValid(at: 100))
    }

    @Test("a certificate with its key is read")
    func certificate() throws {
        let credential = try answer(#"{"clientCertificateData":"C","clientKeyData":"K"}"#)
        #expect(credential.certificate == [0x43] && credential.key == [0x4B])
    }

    @Test(
        "what is half, empty, of another version or no answer is refused",
        arguments: [
            #"{"clientCertificateData":"C"}"#, "{}", "null", #"{"token":"a\nb"}"#, #"{"token":7}"#, "{",
        ])
    func refusals(status: String) {
        #expect(throws: ExecCredential.Refusal.self) { try answer(status) }
    }

    @Test("an answer in another version than asked is refused")
    func otherVersion() {
        #expect(throws: ExecCredential.Refusal.self) {
            try answer(#"{"token":"x"}"#, version: "client.authentication.k8s.io/v1beta1")
        }
    }
}
