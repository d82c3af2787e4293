import Model

/// What a text that was printed does not bring back when it is read.
///
/// Three things are no part of it: what `unix-bind` says, which stands in `bind` lines then, numbers that sections which are `disabled`, and so not in a configuration, leave out of the order of
/// sections, and their names among those that formats may write.
public enum RoundTrip {
    /// The parts that differ, as sections are called; empty if the text says all of it.
    public static func differences(_ text: ConfigurationText, _ other: ConfigurationText) -> [String] {
        let (one, two) = (ordered(text.configuration), ordered(other.configuration))
        var found: [String] = []
        for frontend in one.frontends + two.frontends {
            let name = "frontend \(frontend.name)"
            let pair = [one, two].map { side in side.frontends.first { $0.name == frontend.name } }
            if pair[0] != pair[1], !found.contains(name) { found.append(name) }
        }
        for name in Set(one.backends.keys).union(two.backends.keys).sorted(by: { "\($0)" < "\($1)" })
        where one.backends[name] != two.backends[name] { found.append("backend \(name)") }
        let rest: [(String, Bool)] = [
            ("order of frontends", one.frontends.map(\.name) == two.frontends.map(\.name)),
            ("stick tables", one.tables == two.tables),
            ("peers", one.peers == two.peers),
            ("certificates", one.certificates == two.certificates),
            ("server names", one.serverNames == two.serverNames && one.hostTLS == two.hostTLS),
            ("default certificates", one.defaultCertificates == two.defaultCertificates),
            ("variables", one.variables == two.variables),
            ("user lists", one.userLists == two.userLists),
            ("lists of patterns", one.patterns == two.patterns),
            ("resolvers", one.resolvers == two.resolvers),
            ("routes", one.routes == two.routes && one.fallback == two.fallback),
            ("global", withoutDefaults(text.global) == withoutDefaults(other.global)),
        ]
        found += rest.filter { !$0.1 }.map(\.0)
        if found.isEmpty, one != two { found.append("something else") }
        return found
    }

    /// What `unix-bind` says stands in every `bind`, and who this process is in every section of peers.
    private static func withoutDefaults(_ global: GlobalSettings) -> GlobalSettings {
        var global = global
        global.localSockets = LocalSocketDefaults()
        global.localPeer = nil
        return global
    }

    /// Sections counted without gaps.
    private static func ordered(_ configuration: Configuration) -> Configuration {
        var configuration = configuration
        let orders =
            configuration.frontends.map(\.place.order) + configuration.backends.values.map(\.place.order)
        let sorted = Set(orders).sorted()
        for i in configuration.frontends.indices {
            let order = configuration.frontends[i].place.order
            configuration.frontends[i].place.order = sorted.firstIndex(of: order) ?? 0
            configuration.frontends[i].namedBackends.removeAll { configuration.backends[$0] == nil }
        }
        for name in Array(configuration.backends.keys) {
            let order = configuration.backends[name]?.place.order ?? 0
            configuration.backends[name]?.place.order = sorted.firstIndex(of: order) ?? 0
        }
        return configuration
    }
}

extension ConfigurationText {
    /// The same as text.
    public var printed: ConfigurationPrinter.Result {
        ConfigurationPrinter.print(configuration, global: global, files: sources)
    }
}
