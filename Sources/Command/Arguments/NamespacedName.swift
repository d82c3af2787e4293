/// A namespaced object named on the command line.
struct NamespacedName: Sendable, Equatable, CustomStringConvertible {
    let namespace: String
    let name: String

    /// Reads `NAMESPACE/NAME`.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        namespace = String(parts[0])
        name = String(parts[1])
    }

    var description: String { "\(namespace)/\(name)" }
}
