import Basics
import Wire

/// What a request says about caches (RFC 9111 5.2.1), as HAProxy reads it.
struct CacheRequest {
    /// There is something to be compared with an answer that is found.
    private(set) var isConditional = false
    private(set) var hasAuthorization = false
    private(set) var forbidsStoring = false
    private var wantsServer = false
    private var hasControl = false
    private var hasPragma = false
    private var accepted = AcceptedSet()
    private var values = RequestVariant()
    private let readsVariant: Bool

    /// `readsVariant` is whether answers may vary by what it says.
    init(readsVariant: Bool) { self.readsVariant = readsVariant }

    /// Takes one field into account.
    mutating func see(_ name: ByteView, _ value: ByteView) {
        switch name.count {
        case 6 where name.equalsIgnoringCase("pragma"):
            if value.equalsIgnoringCase("no-cache") { hasPragma = true }
        case 6 where readsVariant && name.equalsIgnoringCase("origin"):
            values.origin = add(value, to: values.origin)
        case 7 where readsVariant && name.equalsIgnoringCase("referer"):
            values.referer = add(value, to: values.referer)
        case 13 where name.equalsIgnoringCase("authorization"): hasAuthorization = true
        case 13 where name.equalsIgnoringCase("cache-control"): see(control: value)
        case 13 where name.equalsIgnoringCase("if-none-match"): isConditional = true
        case 15 where readsVariant && name.equalsIgnoringCase("accept-encoding"): accepted.see(value)
        case 17 where name.equalsIgnoringCase("if-modified-since"): isConditional = true
        default: break
        }
    }

    private func add(_ value: ByteView, to other: UInt64) -> UInt64 {
        let hash = KeyedHash.hash(value) | 1
        return other == 0 ? hash : KeyedHash.hash(other, hash) | 1
    }

    /// How old or how fresh is not weighed: whoever says anything about it wants the server.
    private mutating func see(control value: ByteView) {
        hasControl = true
        var list = CommaList(value)
        while let directive = list.next() {
            if directive.begins("no-cache") || directive.begins("max-age") || directive.begins("max-stale")
                || directive.begins("min-fresh")
            {
                wantsServer = true
            } else if directive.begins("no-store") {
                forbidsStoring = true
            }
        }
    }

    /// Whether it may be answered from the cache. `Pragma` counts where nothing newer does (RFC 9111 5.4).
    var mayBeAnswered: Bool { !wantsServer && !hasAuthorization && !(hasPragma && !hasControl) }

    /// What an answer to it could vary by.
    var variant: RequestVariant {
        RequestVariant(codings: accepted.codings, referer: values.referer, origin: values.origin)
    }
}

extension ByteView {
    /// Whether the bytes begin with those of `text`, letters compared without case.
    func begins(_ text: StaticString) -> Bool {
        count >= text.utf8CodeUnitCount && self[0..<text.utf8CodeUnitCount].equalsIgnoringCase(text)
    }
}
