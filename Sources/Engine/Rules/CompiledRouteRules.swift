import Basics
import Model

/// `Model.RouteRules`, ready to be asked.
final class CompiledRouteRules: Sendable {
    /// In the order of the references below: by value lists would be copied wherever they are asked.
    private let lists: FixedArray<RuleList>
    private let isAccessOfAll: Bool
    let hidesSource: Bool
    /// One, or none.
    private let authorization: FixedArray<CompiledAuthorization>
    /// The same.
    private let mirroring: FixedArray<CompiledMirror>
    /// The same.
    private let delegation: FixedArray<CompiledErrorDelegation>
    /// The same.
    private let tracing: FixedArray<CompiledRouteTracing>

    // Each part is made before any is stored, as everywhere.
    init(_ rules: RouteRules) {
        let models = [
            rules.first, rules.unsecured, rules.access, rules.request, rules.response, rules.after,
        ]
        let lists = FixedArray(count: models.count) { RuleList(models[$0]) }
        let questions = rules.authorization.map { [$0] } ?? []
        let authorization = FixedArray(count: questions.count) { CompiledAuthorization(questions[$0]) }
        let errors = rules.errors.map { [$0] } ?? []
        let delegation = FixedArray(count: errors.count) { CompiledErrorDelegation(errors[$0]) }
        let traces = rules.tracing.map { [$0] } ?? []
        let tracing = FixedArray(count: traces.count) { CompiledRouteTracing(traces[$0]) }
        let mirrors = rules.mirror.map { [$0] } ?? []
        let mirroring = FixedArray(count: mirrors.count) { CompiledMirror(mirrors[$0]) }
        self.lists = lists
        (isAccessOfAll, hidesSource) = (rules.isAccessOfAll, rules.hidesSource)
        self.authorization = authorization
        self.mirroring = mirroring
        self.delegation = delegation
        self.tracing = tracing
    }

    var first: Ref<RuleList> { lists.reference(0) }
    var unsecured: Ref<RuleList> { lists.reference(1) }
    var access: Ref<RuleList> { lists.reference(2) }
    var request: Ref<RuleList> { lists.reference(3) }
    var response: Ref<RuleList> { lists.reference(4) }
    var after: Ref<RuleList> { lists.reference(5) }

    /// Whether nothing is done with requests before they come to the backend, but for what the way they came by decides.
    /// What holds for all has been asked of whom a question is about.
    var lessensNothing: Bool {
        first[].isEmpty && (access[].isEmpty || isAccessOfAll) && asked == nil && request[].isEmpty
            && !hidesSource
    }

    /// Which answers somebody else writes; nil is none.
    var errors: Ref<CompiledErrorDelegation>? { delegation.count > 0 ? delegation.reference(0) : nil }

    /// How requests are traced; nil if they are not.
    var traced: Ref<CompiledRouteTracing>? { tracing.count > 0 ? tracing.reference(0) : nil }

    /// How requests are copied; nil if they are not.
    var mirror: Ref<CompiledMirror>? { mirroring.count > 0 ? mirroring.reference(0) : nil }

    /// What is asked whether a request may go on; nil is nothing.
    var asked: Ref<CompiledAuthorization>? { authorization.count > 0 ? authorization.reference(0) : nil }
}

/// Rules of routes, compiled once for all routes that share them: 10,000 hosts that are sent to HTTPS hold one copy.
struct RouteRuleRegistry {
    private var known: [ObjectIdentifier: Entry] = [:]
    /// With so many it is looked for what can go: twice those that could not the last time.
    private var mostKnown = 64

    /// Holds the model too, so that no other takes its identity.
    private struct Entry {
        let model: RouteRules
        var compiled: CompiledRouteRules
    }

    /// The rules, compiled; nil if there are none.
    mutating func compiled(_ model: RouteRules) -> CompiledRouteRules? {
        guard !model.isEmpty else { return nil }
        if let entry = known[ObjectIdentifier(model)] { return entry.compiled }
        if known.count >= mostKnown { forgetUnused() }
        let compiled = CompiledRouteRules(model)
        known[ObjectIdentifier(model)] = Entry(model: model, compiled: compiled)
        return compiled
    }

    /// How many are known.
    var count: Int { known.count }

    /// Lets go of what no route holds any more.
    private mutating func forgetUnused() {
        for key in Array(known.keys) {
            guard var entry = known.removeValue(forKey: key) else { continue }
            if !isKnownUniquelyReferenced(&entry.compiled) { known[key] = entry }
        }
        mostKnown = max(64, 2 * known.count)
    }
}
