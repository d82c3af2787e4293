import Kubernetes
import Model
import Testing

@testable import Controller

/// What must hold after any sequence of changes.
@Suite struct TranslationInvariantTests {
    private static func settings(_ seed: UInt64) -> TranslationSettings {
        var settings = TranslationSettings()
        settings.watchesClassless = seed % 2 == 0
        settings.acceptsMissingClass = seed % 3 == 0
        settings.allowsExternalName = seed % 5 != 0
        if seed % 4 == 0 { settings.defaultBackend = key("web") }
        if seed % 4 == 1 { settings.defaultTLSSecret = key("one") }
        return settings
    }

    private func translated(_ core: PipelineCore, _ settings: TranslationSettings) -> Translator {
        var translator = Translator(settings: settings)
        var everything = core.state.everything
        if let key = settings.defaultBackend { everything.services.insert(key) }
        if let key = settings.defaultTLSSecret { everything.secrets.insert(key) }
        _ = translator.translate(everything, of: core.state)
        return translator
    }

    @Test("step by step and from scratch give the same", arguments: 1...40 as ClosedRange<UInt64>)
    func incremental(seed: UInt64) {
        let settings = TranslationInvariantTests.settings(seed)
        var world = RandomCluster(seed: seed)
        var core = PipelineCore(settings: settings, awaiting: [])
        var published = Configuration()
        var now: UInt64 = 0
        for step in 0..<150 {
            for _ in 0...world.pick(3) { core.apply(world.update()) }
            now += 10_000_000_000
            for change in core.due(now: now).changes { published.apply(change) }
            let scratch = translated(core, settings)
            #expect(core.translator.configuration == scratch.configuration, "seed \(seed) step \(step)")
            #expect(published == scratch.configuration, "seed \(seed) step \(step)")
            #expect(core.translator.allDiagnostics == scratch.allDiagnostics, "seed \(seed) step \(step)")
        }
    }

    @Test("the order in which objects arrive does not matter", arguments: 1...20 as ClosedRange<UInt64>)
    func order(seed: UInt64) {
        let settings = TranslationInvariantTests.settings(seed)
        var world = RandomCluster(seed: seed &* 1_000_003)
        var latest: [String: StateUpdate] = [:]
        for _ in 0..<120 {
            let update = world.update()
            latest[identity(update)] = update
        }
        let updates = latest.sorted { $0.key < $1.key }.map(\.value)
        let (first, second) = (outcome(of: updates, settings), outcome(of: world.shuffled(updates), settings))
        #expect(first.configuration == second.configuration)
        #expect(first.allDiagnostics == second.allDiagnostics)
    }

    @Test("every route leads to a backend that exists", arguments: 1...20 as ClosedRange<UInt64>)
    func references(seed: UInt64) {
        var world = RandomCluster(seed: seed)
        var core = PipelineCore(settings: TranslationInvariantTests.settings(seed), awaiting: [])
        for step in 0..<200 {
            core.apply(world.update())
            // The clock stands still at times, so that queues hold changes back against each other.
            _ = core.due(now: UInt64(step) * 7_000_000)
            let configuration = core.translator.configuration
            for name in configuration.namedBackends {
                #expect(configuration.backends[name] != nil, "seed \(seed) step \(step)")
            }
            for name in configuration.serverNames.values.joined() {
                #expect(configuration.certificates[name] != nil, "seed \(seed) step \(step)")
            }
        }
    }

    private func outcome(of updates: [StateUpdate], _ settings: TranslationSettings) -> Translator {
        var core = PipelineCore(settings: settings, awaiting: [])
        var now: UInt64 = 0
        for update in updates {
            core.apply(update)
            now += 10_000_000_000
            _ = core.due(now: now)
        }
        return core.translator
    }

    private func identity(_ update: StateUpdate) -> String {
        switch update {
        case .ingresses(let batch): "ingress \(batch.changes[0].key)"
        case .classes(let batch): "class \(batch.changes[0].key)"
        case .services(let batch): "service \(batch.changes[0].key)"
        case .slices(let batch): "slice \(batch.changes[0].key)"
        case .secrets(let batch): "secret \(batch.changes[0].key)"
        case .configMaps(let batch): "config map \(batch.changes[0].key)"
        case .addresses(let name, _): "name \(name)"
        case .chosenAddresses(let name, _): "chosen name \(name)"
        case .podAccess: "access to pods"
        case .namespaces: "namespaces"
        case .zone: "zone"
        case .unavailable(let part), .synced(let part): part
        }
    }
}

extension Configuration {
    fileprivate var namedBackends: [BackendName] {
        let targets = routes.values.flatMap { $0.routes.map(\.target) } + [fallback].compactMap { $0 }
        return targets.compactMap { if case .backend(let name) = $0 { name } else { nil } }
    }
}
