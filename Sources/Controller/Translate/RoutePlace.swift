import Kubernetes
import Model

/// A path and how it is matched, as the engine wants it.
struct RoutePlace: Hashable {
    let path: String
    let match: PathMatch

    /// What a path of an Ingress comes to.
    enum Reading: Equatable {
        /// A route.
        case usable(RoutePlace)
        /// Nobody knows what was meant, but whom it was about: its requests are answered 503, so that no broader rule
        /// catches them.
        case refused(RoutePlace, Problem)
        /// Not even that.
        case unusable(Problem)

        var isUsable: Bool { if case .usable = self { true } else { false } }
    }

    /// What is wrong with a path.
    struct Problem: Equatable {
        /// `path` or `pathType`.
        var field: String
        var reason: String
        var message: String
    }

    /// Reads a path of a host whose paths are regular expressions.
    static func readExpression(_ path: IngressPath) -> Reading {
        let reading = read(path)
        if case .unusable = reading { return reading }
        let place = RoutePlace(path: path.path.isEmpty ? "/" : path.path, match: .expression)
        if case .refused(_, let problem) = reading, problem.field == "pathType" {
            return .refused(place, problem)
        }
        return .usable(place)
    }

    /// Reads a path by the rules of Ingress v1.
    static func read(_ path: IngressPath) -> Reading {
        guard isRooted(path) else {
            return .unusable(
                Problem(
                    field: "path", reason: "PathInvalid",
                    message: "\"\(path.path)\" does not begin with /; the path is left out"))
        }
        guard ["Exact", "Prefix", "ImplementationSpecific"].contains(path.pathType) else {
            let found = path.pathType.isEmpty ? "missing" : "\"\(path.pathType)\""
            return .refused(
                prefix(path.path),
                Problem(
                    field: "pathType", reason: "PathTypeInvalid",
                    message: "\(found): must be Exact, Prefix or ImplementationSpecific; answered 503"))
        }
        let place = path.pathType == "Exact" ? RoutePlace(path: path.path, match: .exact) : prefix(path.path)
        guard path.pathType == "ImplementationSpecific" || isCanonical(path.path) else {
            return .refused(
                place,
                Problem(
                    field: "path", reason: "PathInvalid",
                    message: "\"\(path.path)\" must not contain //, /./, /../ or %2f; answered 503"))
        }
        return .usable(place)
    }

    /// An empty path is everything, where the API allows it.
    private static func isRooted(_ path: IngressPath) -> Bool {
        path.path.isEmpty
            ? path.pathType == "ImplementationSpecific" : path.path.utf8.first == UInt8(ascii: "/")
    }

    /// A prefix without its trailing slash, which means nothing.
    private static func prefix(_ path: String) -> RoutePlace {
        var trimmed = Substring(path)
        while trimmed.utf8.count > 1, trimmed.utf8.last == UInt8(ascii: "/") { trimmed.removeLast() }
        return RoutePlace(path: trimmed.isEmpty ? "/" : String(trimmed), match: .prefix)
    }

    /// The sequences that the API server refuses in Exact and Prefix paths.
    private static func isCanonical(_ path: String) -> Bool {
        guard mayBeUncanonical(path) else { return true }
        var previous: Substring.UTF8View = ""[...].utf8
        for (index, element) in path.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
        ).enumerated() {
            if index > 1, previous.isEmpty { return false }
            if element.elementsEqual(".".utf8) || element.elementsEqual("..".utf8) { return false }
            if hasEncodedSlash(element) { return false }
            previous = element
        }
        return true
    }

    /// Whether a slash is followed by a slash or a dot, or anything is encoded: most paths need no closer look.
    private static func mayBeUncanonical(_ path: String) -> Bool {
        var isBehindSlash = false
        for byte in path.utf8 {
            if byte == UInt8(ascii: "%") { return true }
            let isSlash = byte == UInt8(ascii: "/")
            if isBehindSlash, isSlash || byte == UInt8(ascii: ".") { return true }
            isBehindSlash = isSlash
        }
        return false
    }

    private static func hasEncodedSlash(_ element: Substring.UTF8View) -> Bool {
        var rest = element
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            rest = rest[percent...].dropFirst()
            if rest.first == UInt8(ascii: "2"), let next = rest.dropFirst().first,
                next | 0x20 == UInt8(ascii: "f")
            {
                return true
            }
        }
        return false
    }
}
