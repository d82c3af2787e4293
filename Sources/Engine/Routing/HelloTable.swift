import Basics
import Model
import Wire

/// The routes of TLS connections that are passed through, ready for a client's first message.
final class HelloTable: Sendable {
    /// By the hash of the name.
    private let hosts: [UInt64: [Host]]
    private let any: [Choice]

    private final class Host: Sendable {
        let name: [UInt8]
        let choices: [Choice]

        init(name: String, choices: [Choice]) {
            self.name = Array(name.utf8)
            self.choices = choices
        }
    }

    private struct Choice {
        /// The protocol that has to be offered; empty for none.
        let offering: [UInt8]
        let route: CompiledRoute
    }

    /// A table of routes; nil if there are none.
    init?(_ routes: [HelloRoute], compile: (BackendName) -> CompiledRoute) {
        guard !routes.isEmpty else { return nil }
        var choices: [HostPattern: [Choice]] = [:]
        for route in routes {
            let choice = Choice(offering: Array((route.offering ?? "").utf8), route: compile(route.backend))
            choices[route.host, default: []].append(choice)
        }
        var hosts: [UInt64: [Host]] = [:]
        for (pattern, choices) in choices {
            guard let (name, isWildcard) = pattern.parts else { continue }
            let hash = name.withView { HelloTable.hash($0, isWildcard: isWildcard) }
            hosts[hash, default: []].append(Host(name: name, choices: choices))
        }
        self.hosts = hosts
        any = choices[.any] ?? []
    }

    private static func hash(_ name: ByteView, isWildcard: Bool) -> UInt64 {
        HostTable.hash(ByteHash.hash(name, foldingCase: true), isWildcard: isWildcard)
    }

    /// Where a client goes that asks for `name`, which may be empty, and offers `protocols`; nil if nowhere.
    func route(_ name: ByteView, offering protocols: ProtocolNames) -> Unmanaged<CompiledRoute>? {
        var name = name
        if name.count > 1, name[name.count - 1] == UInt8(ascii: ".") { name = name[0..<name.count - 1] }
        if let found = find(name, isWildcard: false, protocols) { return found }
        if let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0,
            let found = find(name[dot + 1..<name.count], isWildcard: true, protocols)
        {
            return found
        }
        return HelloTable.choose(any, protocols)
    }

    private func find(_ name: ByteView, isWildcard: Bool, _ protocols: ProtocolNames)
        -> Unmanaged<CompiledRoute>?
    {
        guard let candidates = hosts[HelloTable.hash(name, isWildcard: isWildcard)] else { return nil }
        for host in candidates where host.name.withView({ $0.equalsIgnoringCase(name) }) {
            if let found = HelloTable.choose(host.choices, protocols) { return found }
        }
        return nil
    }

    private static func choose(_ choices: [Choice], _ protocols: ProtocolNames) -> Unmanaged<CompiledRoute>? {
        for choice in choices
        where choice.offering.isEmpty || choice.offering.withView({ protocols.contains($0) }) {
            return Unmanaged.passUnretained(choice.route)
        }
        return nil
    }
}

extension HostPattern {
    /// The name without the wildcard's label; nil for the catch-all.
    fileprivate var parts: (name: String, isWildcard: Bool)? {
        switch self {
        case .exact(let name): (name, false)
        case .wildcard(let name): (name, true)
        case .any: nil
        }
    }
}
