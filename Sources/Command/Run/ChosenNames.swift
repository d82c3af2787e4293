import Controller
import Synchronization

/// Keeps the names resolved that the operator has given for servers; they may lead to loopback.
final class ChosenNames: Sendable {
    private let resolver: NameResolver
    private let names: Mutex<Set<String>>

    private init(_ resolver: NameResolver, _ names: Set<String>) {
        self.resolver = resolver
        self.names = Mutex(names)
    }

    /// Begins, and says once what is sent elsewhere.
    static func start(
        _ settings: TranslationSettings, _ pipeline: Pipeline, _ log: Logger
    ) throws(StartError) -> ChosenNames {
        let overrides = settings.overrides.map { "\($0.key) goes to \($0.value)" }.sorted()
        if !overrides.isEmpty { log.info("override: \(overrides.joined(separator: ", "))") }
        let resolver = NameResolver(ofChosenNames: pipeline)
        guard resolver.start() else { throw StartError("cannot start a thread to resolve names") }
        let chosen = ChosenNames(resolver, settings.overrideNames)
        resolver.follow(settings.overrideNames)
        return chosen
    }

    /// Follows one more.
    func add(_ name: String) {
        let all = names.withLock { names in
            names.insert(name)
            return names
        }
        resolver.follow(all)
    }

    /// Ends.
    func stop() { resolver.stop() }
}
