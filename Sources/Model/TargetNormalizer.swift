/// A form that what a request asks for is brought into: HAProxy's `normalize-uri`, under its words.
public enum TargetNormalizer: String, Sendable, CaseIterable {
    case fragmentEncode = "fragment-encode"
    case fragmentStrip = "fragment-strip"
    case pathMergeSlashes = "path-merge-slashes"
    case pathStripDot = "path-strip-dot"
    /// `..` that has nothing in front of it stays.
    case pathStripDotDot = "path-strip-dotdot"
    case pathStripDotDotFull = "path-strip-dotdot full"
    case percentDecodeUnreserved = "percent-decode-unreserved"
    /// A request with a `%` that begins no escape is refused.
    case percentDecodeUnreservedStrict = "percent-decode-unreserved strict"
    case percentToUppercase = "percent-to-uppercase"
    /// The same.
    case percentToUppercaseStrict = "percent-to-uppercase strict"
    /// Names that are equal stay in their order.
    case querySortByName = "query-sort-by-name"
}
