import Basics
import Wire

/// Whether an answer is kept and for how long (RFC 9111 3, 4.2): HAProxy's judgement, but that what is contradictory or can
/// not be read is not kept.
struct CacheVerdict {
    /// The answer's tag; empty without one.
    private(set) var tag = ByteView.empty
    private var isRefused = false
    private var isPublic = false
    private var sharedAge = Told()
    private var maxAge = Told()
    private var expires = Told()
    private var age = Told()
    private var modified: Int64?
    private var date: Int64?
    private var hasValidator = false
    private var hasVary = false
    private var vary: VaryFields = []
    private var codings: KnownCodings? = []
    private var fieldCount = 0

    /// The most fields: some are added when it is sent.
    private static let mostFields = 120

    /// A number that should be said once.
    private struct Told {
        var value: Int64?
        var isContradictory = false

        mutating func take(_ new: Int64?) {
            if new == nil || value != nil && value != new { isContradictory = true }
            value = new ?? value
        }
    }

    /// What is to be kept of an answer.
    struct Kept: Equatable {
        /// Seconds from now.
        var lifetime: Int64
        /// How old it is already, in seconds.
        var age: Int64
        /// When it was last changed, as far as is known; seconds since 1970.
        var modified: Int64
        var variant: Variant
    }

    /// What the configuration says.
    struct Terms {
        var maxAge: Int64
        var processesVary: Bool
    }

    /// Takes one field of the answer into account.
    mutating func see(_ name: ByteView, _ value: ByteView) {
        fieldCount += 1
        switch name.count {
        case 3 where name.equalsIgnoringCase("age"): age.take(CacheVerdict.seconds(value))
        case 4 where name.equalsIgnoringCase("etag"):
            if !tag.isEmpty, !tag.equals(value) { isRefused = true }
            (tag, hasValidator) = (value, true)
        case 4 where name.equalsIgnoringCase("date"): date = HTTPDate.seconds(value)
        case 4 where name.equalsIgnoringCase("vary"): see(vary: value)
        case 6 where name.equalsIgnoringCase("pragma"):
            if value.equalsIgnoringCase("no-cache") { isRefused = true }
        case 7 where name.equalsIgnoringCase("expires"):
            // What can not be read has expired long ago (RFC 9111 5.3).
            expires.take(HTTPDate.seconds(value) ?? 0)
        case 13 where name.equalsIgnoringCase("cache-control"): see(control: value)
        case 13 where name.equalsIgnoringCase("last-modified"):
            (modified, hasValidator) = (HTTPDate.seconds(value), true)
        case 16 where name.equalsIgnoringCase("content-encoding"): see(coding: value)
        default: break
        }
    }

    private mutating func see(vary value: ByteView) {
        hasVary = true
        var list = CommaList(value)
        while let name = list.next() {
            if name.equalsIgnoringCase("accept-encoding") {
                vary.insert(.acceptEncoding)
            } else if name.equalsIgnoringCase("referer") {
                vary.insert(.referer)
            } else if name.equalsIgnoringCase("origin") {
                vary.insert(.origin)
            } else {
                isRefused = true
            }
        }
    }

    private mutating func see(coding value: ByteView) {
        var list = CommaList(value)
        while let name = list.next() {
            codings = KnownCodings(name).flatMap { codings?.union($0) }
        }
    }

    private mutating func see(control value: ByteView) {
        var list = CommaList(value)
        while let directive = list.next() {
            let end = directive.firstIndex(of: UInt8(ascii: "=")) ?? directive.count
            let name = directive[0..<end].trimmed
            let argument = end < directive.count ? directive[end + 1..<directive.count].trimmed : .empty
            if name.equalsIgnoringCase("no-store") || name.equalsIgnoringCase("no-cache")
                || name.equalsIgnoringCase("private")
            {
                isRefused = true
            } else if name.equalsIgnoringCase("s-maxage") {
                sharedAge.take(CacheVerdict.seconds(argument))
            } else if name.equalsIgnoringCase("max-age") {
                maxAge.take(CacheVerdict.seconds(argument))
            } else if name.equalsIgnoringCase("public") {
                isPublic = true
            }
        }
    }

    /// A number of seconds, in quotation marks or not; what is beyond any clock is as much as can be told.
    static func seconds(_ text: ByteView) -> Int64? {
        var digits = text
        if text.count > 2, text[0] == UInt8(ascii: "\""), text[text.count - 1] == UInt8(ascii: "\"") {
            digits = text[1..<text.count - 1]
        }
        guard !digits.isEmpty else { return nil }
        for i in 0..<digits.count where digits[i] &- UInt8(ascii: "0") > 9 { return nil }
        return min(digits.decimal ?? most, most)
    }

    /// As long as an age can be (RFC 9111 1.2.2).
    private static let most: Int64 = 1 << 31

    /// What is to be kept; nil is nothing. `now` is in seconds since 1970.
    func kept(for request: CacheRequest, _ terms: Terms, now: Int64) -> Kept? {
        guard !isRefused, !request.forbidsStoring, isPublic || !request.hasAuthorization,
            fieldCount <= CacheVerdict.mostFields, let lifetime = lifetime(terms, now: now),
            let variant = variant(for: request.variant, terms)
        else { return nil }
        return Kept(
            lifetime: lifetime, age: age.value ?? 0, modified: modified ?? date ?? now, variant: variant)
    }

    private func lifetime(_ terms: Terms, now: Int64) -> Int64? {
        let isContradictory =
            sharedAge.isContradictory || maxAge.isContradictory || expires.isContradictory
            || age.isContradictory
        guard !isContradictory else { return nil }
        let told = sharedAge.value ?? maxAge.value ?? expires.value.map { max(0, $0 - now) }
        guard told != nil || hasValidator else { return nil }
        // What says no time must be new: how long it is good is for us to choose.
        let left = told.map { $0 - (age.value ?? 0) } ?? ((age.value ?? 0) > 0 ? 0 : terms.maxAge)
        let lifetime = min(left, terms.maxAge)
        return lifetime > 0 ? lifetime : nil
    }

    /// Milliseconds for which a decision is good, `most` at most: what the answer says of itself can only shorten that. nil is not at
    /// all. `now` is in seconds since 1970.
    func lifetimeOfDecision(most: Int64, now: Int64) -> Int64? {
        let isContradictory =
            sharedAge.isContradictory || maxAge.isContradictory || expires.isContradictory
            || age.isContradictory
        guard !isRefused, !hasVary, !isContradictory else { return nil }
        guard let told = sharedAge.value ?? maxAge.value ?? expires.value.map({ max(0, $0 - now) }) else {
            return most
        }
        let left = min(most, (told - (age.value ?? 0)) * 1_000)
        return left > 0 ? left : nil
    }

    private func variant(for request: RequestVariant, _ terms: Terms) -> Variant? {
        guard hasVary else { return Variant() }
        guard terms.processesVary else { return nil }
        guard vary.contains(.acceptEncoding) else { return request.variant(vary, codings: []) }
        // Who says too much about what it accepts can not be answered from here, nor can what nobody names.
        guard request.codings != nil, let codings else { return nil }
        return request.variant(vary, codings: codings.isEmpty ? .identity : codings)
    }
}
