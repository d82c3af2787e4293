import Basics
import Wire

/// Whether a cache between us and the client could keep an answer, as HAProxy judges it (RFC 9111 3): it has to be
/// told `private` when a cookie of ours goes along.
struct ResponseCacheability {
    private var isAllowed: Bool
    private var hasFreshness = false
    private var hasValidator = false
    private var hasZeroAge = false
    private var isRefused: Bool

    /// By method and status, before any header field: a safe method, and a status that is cacheable by default.
    init(isSafeMethod: Bool, status: UInt16) {
        switch status {
        case 200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501: isAllowed = isSafeMethod
        default: isAllowed = false
        }
        isRefused = status < 200
    }

    /// Takes one field of the answer into account, in the order they stand.
    mutating func see(_ name: ByteView, _ value: ByteView) {
        switch name.count {
        case 13 where name.equalsIgnoringCase("cache-control"):
            var directives = CommaList(value)
            while let directive = directives.next() { take(directive) }
        case 6 where name.equalsIgnoringCase("pragma"):
            if value.equalsIgnoringCase("no-cache") { isRefused = true }
        case 7 where name.equalsIgnoringCase("expires"): hasFreshness = true
        case 4 where name.equalsIgnoringCase("etag"): hasValidator = true
        case 13 where name.equalsIgnoringCase("last-modified"): hasValidator = true
        default: break
        }
    }

    /// Whether it could be kept; nothing is that neither says how long nor how to ask again.
    var isCacheable: Bool { isAllowed && !isRefused && !hasZeroAge && (hasFreshness || hasValidator) }

    private mutating func take(_ directive: ByteView) {
        if directive.equalsIgnoringCase("public") {
            isAllowed = true
        } else if directive.equalsIgnoringCase("max-age=0") {
            hasZeroAge = true
        } else if directive.equalsIgnoringCase("no-cache=\"set-cookie\"") {
            // The cookie is not kept, the rest may be.
            return
        } else if forbids(directive) {
            isAllowed = false
        } else if hasPrefix(directive, "s-maxage") {
            (hasFreshness, hasZeroAge) = (true, false)
        } else if hasPrefix(directive, "max-age") {
            hasFreshness = true
        }
    }

    private func forbids(_ directive: ByteView) -> Bool {
        directive.equalsIgnoringCase("private") || hasPrefix(directive, "private=")
            || directive.equalsIgnoringCase("no-cache") || hasPrefix(directive, "no-cache=")
            || directive.equalsIgnoringCase("no-store") || hasPrefix(directive, "no-store=")
            || directive.equalsIgnoringCase("s-maxage=0")
    }

    private func hasPrefix(_ directive: ByteView, _ prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        return directive.count >= count && directive[0..<count].equalsIgnoringCase(prefix)
    }
}
