/// The field `Forwarded` (RFC 7239) of requests, behind what is there of it if that is to be trusted: HAProxy's `option forwarded`.
public struct ForwardedField: Sendable, Equatable {
    /// Whether it says how the client speaks with us (`proto`).
    public var saysScheme: Bool
    /// The host that was asked for (`host`).
    public var host: Part?
    /// Who was asked (`by`).
    public var by: Node?
    /// Who asks (`for`).
    public var node: Node?

    /// Something that is said.
    public enum Part: Sendable, Equatable {
        /// What it is.
        case own
        /// What an expression gives; what can not stand there is not said.
        case sample(Expression)
    }

    /// One end of a connection.
    public struct Node: Sendable, Equatable {
        /// Its address, or a name for it.
        public var name: Part
        /// Its port; nil says none.
        public var port: Part?

        /// An end from its parts.
        public init(_ name: Part, port: Part? = nil) { (self.name, self.port) = (name, port) }
    }

    /// HAProxy's where nothing is named: `proto` and `for`.
    public init() {
        saysScheme = true
        (host, by, node) = (nil, nil, Node(.own))
    }

    /// The expressions it is made of.
    public var expressions: [Expression] {
        [host, by?.name, by?.port, node?.name, node?.port].compactMap { part in
            if case .sample(let expression)? = part { return expression }
            return nil
        }
    }

    /// What it can be had from.
    public var needs: SampleLayers { expressions.reduce(into: []) { $0.formUnion($1.needs) } }
}
