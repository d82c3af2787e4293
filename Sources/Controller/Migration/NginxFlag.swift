/// A flag of ingress-nginx's controller, and what becomes of it.
public struct NginxFlag: Sendable, Equatable {
    /// Without dashes.
    public let name: String
    /// What it means here.
    public let meaning: Meaning
    /// Whether it stands without a value.
    public let isSwitch: Bool

    /// What a flag means here.
    public enum Meaning: Sendable, Equatable {
        /// A flag of ours says the same.
        case same(String)
        /// The same, with seconds for its value.
        case seconds(String)
        /// The same, of an address with a port the port.
        case port(String)
        /// A switch: what follows it, by whether it is on.
        case when(on: String?, off: String?)
        /// There is nothing here that it could be about, and why.
        case needless(String)
        /// Not here so far, and what holds instead.
        case pending(String)
        /// It would open what it guards: nothing starts.
        case refused(String)
    }

    init(_ name: String, _ meaning: Meaning, isSwitch: Bool = false) {
        (self.name, self.meaning, self.isSwitch) = (name, meaning, isSwitch)
    }

    /// What becomes of it.
    public var verdict: MigrationFinding.Verdict {
        switch meaning {
        case .same, .seconds, .port, .when: .honoured
        case .needless: .needless
        case .pending: .pending
        case .refused: .refused
        }
    }

    /// What it is called here, or why it is not.
    public var note: String {
        switch meaning {
        case .same(let name), .seconds(let name), .port(let name): name == self.name ? "" : "here --\(name)"
        case .when(let on, let off):
            [on, off].compactMap { $0.map { "here --\($0)" } }.joined(separator: ", ")
        case .needless(let why), .pending(let why), .refused(let why): why
        }
    }
}
