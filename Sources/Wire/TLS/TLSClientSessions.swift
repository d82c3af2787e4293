import Basics
import COpenSSL
import CSystem
import Glibc

/// What one worker keeps of TLS with one server: how it is spoken, and the session that the next connection resumes, for each
/// name the server was told. Belongs to one thread.
///
/// A session stands for the certificate that was verified when it began. It is never resumed under another name.
public final class TLSClientSessions {
    /// How many names are remembered; the oldest goes.
    public static let most = 64

    let context: TLSClientContext
    /// Whom the certificate must be for when no name is sent; nil asks for nobody.
    private let unnamed: String?
    private var sessions: [Session] = []
    /// Which authorities have vouched for them.
    private var generation: UInt64

    private struct Session {
        let name: [UInt8]
        let raw: OpaquePointer
    }

    /// No sessions yet. `name` is a host name or an IP address.
    public init(context: TLSClientContext, nameWithoutSNI name: String? = nil) {
        self.context = context
        unnamed = name
        generation = context.ownGeneration
    }

    deinit { for session in sessions { SSL_SESSION_free(session.raw) } }

    static func at(_ pointer: UnsafeMutableRawPointer) -> TLSClientSessions {
        Unmanaged<TLSClientSessions>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// How many sessions are kept.
    public var count: Int { sessions.count }

    /// Sets a new connection up: the name that is sent, the name that is asked for, the session that is resumed. False if the
    /// name can be nobody's.
    func prepare(_ ssl: OpaquePointer, serverName: ByteView) -> Bool {
        let name = serverName.bytes.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
        guard name.isEmpty || send(name, to: ssl) else { return false }
        if context.isVerifying, !trust(ssl) || !expect(name, of: ssl) { return false }
        guard context.resumes else { return true }
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
        if let known = sessions.first(where: { $0.name == name }) { SSL_set_session(ssl, known.raw) }
        return true
    }

    /// Has a connection believe the authorities of the moment, where they are others than its context's.
    private func trust(_ ssl: OpaquePointer) -> Bool {
        guard let current = context.authorities?.current else { return true }
        if current.generation != generation {
            for session in sessions { SSL_SESSION_free(session.raw) }
            (sessions, generation) = ([], current.generation)
        }
        guard current.generation != context.ownGeneration else { return true }
        // Any pointer says which; it is never followed.
        let mark = UnsafeMutableRawPointer(bitPattern: UInt(truncatingIfNeeded: current.generation))
        return csystem_ssl_set_verify_store(ssl, current.store.raw)
            && SSL_set_ex_data(ssl, Self.place, mark) == 1
    }

    private static let place = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nil, nil, nil, nil)

    /// Whether authorities that hold have vouched for a connection.
    private func isTrusted(_ ssl: OpaquePointer) -> Bool {
        guard let authorities = context.authorities else { return true }
        let mark = SSL_get_ex_data(ssl, Self.place).map { UInt64(UInt(bitPattern: $0)) }
        return authorities.holds(mark ?? context.ownGeneration)
    }

    private func send(_ name: [UInt8], to ssl: OpaquePointer) -> Bool {
        guard name.count <= 255, !name.contains(0) else { return false }
        return csystem_ssl_set_server_name(ssl, name.map(CChar.init(bitPattern:)) + [0])
    }

    private func expect(_ name: [UInt8], of ssl: OpaquePointer) -> Bool {
        let wanted = name.isEmpty ? Array((unnamed ?? "").utf8) : name
        guard !wanted.isEmpty, let parameters = SSL_get0_param(ssl) else { return wanted.isEmpty }
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        let text = wanted.map(CChar.init(bitPattern:)) + [0]
        if name.isEmpty, X509_VERIFY_PARAM_set1_ip_asc(parameters, text) == 1 { return true }
        ERR_clear_error()
        return X509_VERIFY_PARAM_set1_host(parameters, text, wanted.count) == 1
    }

    /// Takes a session over, unless its authorities have been replaced; the newest of a name is the one that is kept.
    func keep(_ session: OpaquePointer, of ssl: OpaquePointer) -> Bool {
        guard isTrusted(ssl) else { return false }
        let name = TLSClientSessions.name(of: ssl)
        forget(name)
        if sessions.count >= Self.most { SSL_SESSION_free(sessions.removeFirst().raw) }
        sessions.append(Session(name: name, raw: session))
        return true
    }

    /// Gives up the session of a connection that failed: it may be why.
    func forget(_ ssl: OpaquePointer) { forget(TLSClientSessions.name(of: ssl)) }

    private func forget(_ name: [UInt8]) {
        guard let place = sessions.firstIndex(where: { $0.name == name }) else { return }
        SSL_SESSION_free(sessions.remove(at: place).raw)
    }

    private static func name(of ssl: OpaquePointer) -> [UInt8] {
        guard let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return [] }
        return UnsafeRawBufferPointer(start: name, count: strlen(name)).map { $0 }
    }
}
