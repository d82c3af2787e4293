/// What an answer varies by (RFC 9111 4.1): the fields that can be told apart.
struct VaryFields: OptionSet, Equatable {
    let rawValue: UInt8

    static let acceptEncoding = VaryFields(rawValue: 1)
    static let referer = VaryFields(rawValue: 2)
    static let origin = VaryFields(rawValue: 4)
}

/// Which of the answers that one address has: what it varies by, and for whom it is.
struct Variant: Equatable {
    var fields: VaryFields = []
    /// The codings the answer has; whoever accepts all of them may have it.
    var codings: KnownCodings = []
    var referer: UInt64 = 0
    var origin: UInt64 = 0

    /// Whether a request may have the answer.
    func serves(_ request: RequestVariant) -> Bool {
        if fields.isEmpty { return true }
        if fields.contains(.acceptEncoding), request.codings?.isSuperset(of: codings) != true { return false }
        if fields.contains(.referer), referer != request.referer { return false }
        return !fields.contains(.origin) || origin == request.origin
    }
}

/// The same of a request: everything an answer could vary by.
struct RequestVariant {
    /// The codings it accepts; nil if that can not be told.
    var codings: KnownCodings? = .all
    /// Keyed hashes; 0 without the field.
    var referer: UInt64 = 0
    var origin: UInt64 = 0

    /// The variant that an answer to this request is.
    func variant(_ fields: VaryFields, codings: KnownCodings) -> Variant {
        Variant(
            fields: fields, codings: fields.contains(.acceptEncoding) ? codings : [],
            referer: fields.contains(.referer) ? referer : 0, origin: fields.contains(.origin) ? origin : 0)
    }
}
