public import Basics

/// The header fields the proxy itself reads, sets or removes; every other field is `other`.
public enum HeaderName: UInt8, Sendable {
    case other
    case connection
    case contentLength
    case cookie
    case date
    case expect
    case host
    case keepAlive
    case proxy
    case proxyConnection
    case server
    case setCookie
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
            case 6: HeaderName.pick(name, "server", .server, "cookie", .cookie, "expect", .expect)
            case 7: HeaderName.pick(name, "upgrade", .upgrade)
            case 8: HeaderName.pick(name, "x-scheme", .xScheme)
            case 9: HeaderName.pick(name, "x-real-ip", .xRealIP)
            case 10:
                HeaderName.pick(
                    name, "connection", .connection, "set-cookie", .setCookie, "keep-alive", .keepAlive)
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
        matches(name, text) ? value : .other
    }

    /// Whether a name of the text's length is the text, letters compared without case. Words that overlap instead of
    /// bytes: 12 instructions instead of 90. Names are tokens, so setting the bit of lower case makes no two of
    /// them alike that differ in more than case, as far as our texts of letters, digits and hyphens are concerned.
    @inline(__always)
    private static func matches(_ name: ByteView, _ text: StaticString) -> Bool {
        name.withPointer { start, count in
            let (name, text) = (UnsafeRawPointer(start), UnsafeRawPointer(text.utf8Start))
            func isSame<Word: FixedWidthInteger>(_ at: Int, _ fold: Word) -> Bool {
                name.loadUnaligned(fromByteOffset: at, as: Word.self) | fold
                    == text.loadUnaligned(fromByteOffset: at, as: Word.self)
            }
            let fold: UInt64 = 0x2020_2020_2020_2020
            guard count >= 8 else {
                guard count >= 4 else {
                    return isSame(0, UInt16(0x2020)) && isSame(count - 2, UInt16(0x2020))
                }
                return isSame(0, UInt32(0x2020_2020)) && isSame(count - 4, UInt32(0x2020_2020))
            }
            return isSame(0, fold) && isSame(count - 8, fold) && (count <= 16 || isSame(8, fold))
                && (count <= 24 || isSame(16, fold))
        }
    }

    private static func pick(
        _ name: ByteView, _ first: StaticString, _ one: HeaderName, _ second: StaticString, _ two: HeaderName
    ) -> HeaderName {
        matches(name, first) ? one : pick(name, second, two)
    }

    private static func pick(
        _ name: ByteView, _ first: StaticString, _ one: HeaderName, _ second: StaticString, _ two: HeaderName,
        _ third: StaticString, _ three: HeaderName
    ) -> HeaderName {
        matches(name, first) ? one : pick(name, second, two, third, three)
    }
}
