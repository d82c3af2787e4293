import Basics
import Model
import Wire

/// The paths of one host that are regular expressions, asked one after the other: ingress-nginx's regex mode.
///
/// The longest comes first, of the same length the last by name. Each is anchored where the path begins, and letters are
/// compared without case.
final class ExpressionRoutes: Sendable {
    private let patterns: FixedArray<Unmanaged<RegularExpression>>
    private let routes: FixedArray<Unmanaged<CompiledRoute>>
    /// What answers where a pattern could not be decided: the log names the Ingress whose it is.
    private let undecided: FixedArray<Unmanaged<CompiledRoute>>
    /// Keeps them alive.
    private let ownedPatterns: [RegularExpression]
    private let ownedRoutes: [CompiledRoute]
    private let ownedUndecided: [CompiledRoute]
    /// Those that are no regular expressions: they are taken letter by letter, and answered 503.
    let flawed: [String]

    /// nil if there are none.
    init?(_ given: [(path: String, route: CompiledRoute)]) {
        guard !given.isEmpty else { return nil }
        let sorted = given.sorted {
            ($0.path.utf8.count, $0.path) > ($1.path.utf8.count, $1.path)
        }
        var compiled: [(pattern: RegularExpression, route: CompiledRoute)] = []
        var flawed: [String] = []
        for (path, route) in sorted {
            if let pattern = ExpressionRoutes.pattern(of: path) {
                compiled.append((pattern, route))
            } else {
                flawed.append(path)
                guard let pattern = ExpressionRoutes.literal(path) else { continue }
                let refusal = CompiledRoute(
                    backend: nil, status: 503, origin: Origin(namespace: "", name: "flawed"))
                compiled.append((pattern, refusal))
            }
        }
        let (patterns, routes) = (compiled.map(\.pattern), compiled.map(\.route))
        self.patterns = FixedArray(count: patterns.count) { Unmanaged.passUnretained(patterns[$0]) }
        self.routes = FixedArray(count: routes.count) { Unmanaged.passUnretained(routes[$0]) }
        let undecided = routes.map { route in
            CompiledRoute(
                backend: nil, status: 500,
                origin: Origin(namespace: route.namespace.view.string, name: route.name.view.string))
        }
        self.undecided = FixedArray(count: undecided.count) { Unmanaged.passUnretained(undecided[$0]) }
        (ownedPatterns, ownedRoutes, ownedUndecided, self.flawed) = (patterns, routes, undecided, flawed)
    }

    /// What a path says as a regular expression; nil if it is none.
    static func pattern(of path: String) -> RegularExpression? {
        RegularExpression("^(?:\(path))", ignoresCase: true)
    }

    /// A path that is none, taken letter by letter.
    static func literal(_ path: String) -> RegularExpression? {
        let quoted = path.split(separator: "\\E", omittingEmptySubsequences: false)
            .joined(separator: "\\E\\\\E\\Q")
        return RegularExpression("^\\Q\(quoted)\\E", ignoresCase: true)
    }

    /// The first that matches; a pattern that takes too long to know is answered 500.
    func route(for path: ByteView, _ workspace: inout SampleWorkspace) -> Unmanaged<CompiledRoute>? {
        for i in 0..<patterns.count {
            var groups = MatchGroups()
            switch workspace.find(patterns[i], in: path, &groups) {
            case .found: return routes[i]
            case .tooCostly: return undecided[i]
            case .nothing: continue
            }
        }
        return nil
    }
}
