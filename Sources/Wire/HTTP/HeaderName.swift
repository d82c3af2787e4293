public import Basics

/// The header fields the proxy itself reads, sets or removes; every other field is `other`.
public enum HeaderName: UInt8, Sendable {
    case other
    case connection
    case contentLength
    case date
    case expect
    case host
    case keepAlive
    case proxy
    case proxyConnection
    case server
    case te
    case transferEncoding
    case upgrade
    case xForwardedFor
    case xForwardedHost
    case xForwardedPort
    case xForwardedProto
    case xForwardedScheme
    case xOriginalForwardedFor
    case xOriginalForwardedHost
    case xRealIP
    case xRequestID
    case xScheme

    /// The name of a field, compared without case. By length first: most names are dismissed without a comparison.
    public init(_ name: ByteView) {
        self =
            switch name.count {
            case 2: HeaderName.pick(name, "te", .te)
            case 4: HeaderName.pick(name, "host", .host, "date", .date)
            case 5: HeaderName.pick(name, "proxy", .proxy)
            case 6: HeaderName.pick(name, "server", .server, "expect", .expect)
            case 7: HeaderName.pick(name, "upgrade", .upgrade)
            case 8: HeaderName.pick(name, "x-scheme", .xScheme)
            case 9: HeaderName.pick(name, "x-real-ip", .xRealIP)
            case 10: HeaderName.pick(name, "connection", .connection, "keep-alive", .keepAlive)
            case 12: HeaderName.pick(name, "x-request-id", .xRequestID)
            case 14: HeaderName.pick(name, "content-length", .contentLength)
            case 15: HeaderName.pick(name, "x-forwarded-for", .xForwardedFor)
            case 16: HeaderName.ofLength16(name)
            case 17:
                HeaderName.pick(
                    name, "transfer-encoding", .transferEncoding, "x-forwarded-proto", .xForwardedProto)
            case 18: HeaderName.pick(name, "x-forwarded-scheme", .xForwardedScheme)
            case 24: HeaderName.pick(name, "x-original-forwarded-for", .xOriginalForwardedFor)
            case 25: HeaderName.pick(name, "x-original-forwarded-host", .xOriginalForwardedHost)
            default: .other
            }
    }

    private static func ofLength16(_ name: ByteView) -> HeaderName {
        let found = pick(name, "x-forwarded-host", .xForwardedHost, "x-forwarded-port", .xForwardedPort)
        return found == .other ? pick(name, "proxy-connection", .proxyConnection) : found
    }

    private static func pick(_ name: ByteView, _ text: StaticString, _ value: HeaderName) -> HeaderName {
        isLike(name, text) && name.equalsIgnoringCase(text) ? value : .other
    }

    /// Same first letter: what decides for most names, for two instructions instead of a call.
    @inline(__always)
    private static func isLike(_ name: ByteView, _ text: StaticString) -> Bool {
        name[0] | 0x20 == text.utf8Start[0]
    }

    private static func pick(
        _ name: ByteView, _ first: StaticString, _ one: HeaderName, _ second: StaticString, _ two: HeaderName
    ) -> HeaderName {
        if isLike(name, first), name.equalsIgnoringCase(first) { return one }
        return pick(name, second, two)
    }
}
