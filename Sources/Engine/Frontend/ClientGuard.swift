import Basics
import Model
import Wire

/// What a server name demands of the certificates of its clients, ready for handshakes and requests.
final class ClientGuard: Sendable {
    let settings: ClientAuthentication
    /// What servers are told of a client that showed nothing.
    let noCertificate: FixedArray<UInt8>
    /// Whether nothing can be verified, because the authorities can not be used: everything is refused.
    let isBroken: Bool
    /// What subjects have to match.
    private let subject: RegularExpression?
    /// What is answered instead of 400; one at most.
    let errorPages: FixedArray<ErrorPages.Page>

    init(_ settings: ClientAuthentication, isBroken: Bool = false, subject: RegularExpression? = nil) {
        self.settings = settings
        self.subject = subject
        let location = settings.errorLocation
        errorPages = FixedArray(count: location == nil ? 0 : 1) { _ in
            var page = ErrorPage(status: 302, contentType: "", body: [])
            page.fields.append(.init("Location", location ?? ""))
            return ErrorPages.Page(page, for: 302)
        }
        self.isBroken = isBroken
        noCertificate = FixedArray(ShownCertificate.lines(settings.headers, .none, nil))
    }

    /// What becomes of a request.
    enum Admission: Equatable {
        case pass
        /// It goes on, and the server is told what the client has shown on this connection.
        case told
        /// It goes on, and the server is told that the client has shown nothing.
        case toldNothing
        case refused(UInt16)
    }

    /// A name as tables of hosts have it.
    static func withoutTrailingDot(_ name: ByteView) -> ByteView {
        name.count > 1 && name[name.count - 1] == UInt8(ascii: ".") ? name[0..<name.count - 1] : name
    }

    /// Whether a subject is one of those that are let in.
    func knows(_ name: String) -> Bool {
        guard let subject else { return true }
        return name.withView { subject.matches($0) }
    }

    /// Judges a request by the guard of its host and by what its connection's client has shown, under whatever name that was
    /// opened for. What was shown under one name says nothing under another: RFC 9110 15.5.20.
    static func judge(_ host: ClientGuard?, _ shown: ShownCertificate?, isPlain: Bool = false) -> Admission {
        guard let host else { return .pass }
        guard !host.isBroken else { return .refused(403) }
        guard let shown else { return host.judge(isPlain: isPlain) }
        guard shown.host === host else { return .refused(421) }
        switch (shown.verdict, host.settings.demand) {
        case (.good, _), (.none, .optional), (.none, .optionalNoCA): break
        case (.bad, _) where shown.isTolerated: break
        case (.bad(.peerUntrusted, _), .optionalNoCA): break
        case (.none, .required), (.bad, _): return .refused(400)
        }
        return shown.isKnown ? .told : .refused(403)
    }

    /// Judges a request whose client could show nothing.
    private func judge(isPlain: Bool) -> Admission {
        if subject != nil { return .refused(isPlain ? 403 : 421) }
        if isPlain, settings.leavesPlainToRules { return .toldNothing }
        return settings.demand == .required ? .refused(421) : .toldNothing
    }
}

/// What a client has shown in the handshake under a guarded name, and how servers are told of it.
final class ShownCertificate: Sendable {
    let host: ClientGuard
    let verdict: PeerCertificate.Verdict
    /// Whether a bad certificate is let pass.
    let isTolerated: Bool
    /// Whether its subject is one of those that are let in.
    let isKnown: Bool
    let lines: FixedArray<UInt8>

    init(
        _ host: ClientGuard, _ verdict: PeerCertificate.Verdict, _ certificate: PeerCertificate?,
        isTolerated: Bool = false
    ) {
        self.host = host
        self.verdict = verdict
        self.isTolerated = isTolerated
        isKnown = host.knows(certificate?.subject ?? "")
        lines = FixedArray(ShownCertificate.lines(host.settings.headers, verdict, certificate))
    }

    /// Whether the connection must not live: the handshake would have failed, had it not been a resumption.
    var isRefused: Bool {
        guard host.settings.refusal == .handshake, host.settings.demand != .optionalNoCA else { return false }
        if case .bad = verdict { return !isTolerated }
        return verdict == .none && host.settings.demand == .required
    }

    /// The fields as they are sent; what is empty is left out.
    static func lines(
        _ headers: ClientCertificateHeaders, _ verdict: PeerCertificate.Verdict,
        _ certificate: PeerCertificate?
    ) -> String {
        let fields: [(String?, String)] = [
            (headers.verification, word(verdict)), (headers.subject, certificate?.subject ?? ""),
            (headers.issuer, certificate?.issuer ?? ""),
            (headers.fingerprint, certificate?.fingerprint ?? ""),
            (headers.serial, certificate?.serial ?? ""),
            (headers.certificate, headers.certificate == nil ? "" : percentEncoded(certificate?.pem ?? [])),
        ]
        return fields.map { name, value in
            guard let name, !value.isEmpty else { return "" }
            return "\(name): \(value)\r\n"
        }
        .joined()
    }

    /// What was found of a certificate, as nginx says it.
    static func word(_ verdict: PeerCertificate.Verdict) -> String {
        switch verdict {
        case .none: "NONE"
        case .good: "SUCCESS"
        case .bad(_, let reason): "FAILED:\(reason)"
        }
    }

    /// RFC 3986 2.3: all but the unreserved characters.
    static func percentEncoded(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                text.append(byte)
            default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
