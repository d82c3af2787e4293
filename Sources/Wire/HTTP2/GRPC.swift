public import Basics

/// What gRPC needs of a proxy that answers by itself: it reads `grpc-status`, not the HTTP status.
///
/// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
public enum GRPC {
    /// Whether a request with this Content-Type is one of gRPC: `application/grpc`, alone or with `+proto` and the
    /// like or with parameters, but not `application/grpc-web`.
    public static func isRequest(contentType: ByteView) -> Bool {
        let name: StaticString = "application/grpc"
        let count = name.utf8CodeUnitCount
        guard contentType.count >= count, contentType[0..<count].equalsIgnoringCase(name) else {
            return false
        }
        guard contentType.count > count else { return true }
        switch contentType[count] {
        case UInt8(ascii: "+"), UInt8(ascii: ";"), 0x20, 0x09: return true
        default: return false
        }
    }

    /// The `grpc-status` for an HTTP status that we answer with: what a client would have made of it itself.
    public static func status(ofHTTP status: UInt16) -> UInt8 {
        switch status {
        case 400: 13  // INTERNAL
        case 401: 16  // UNAUTHENTICATED
        case 403: 7  // PERMISSION_DENIED
        case 404: 12  // UNIMPLEMENTED
        case 429, 502, 503, 504: 14  // UNAVAILABLE
        default: 2  // UNKNOWN
        }
    }
}
