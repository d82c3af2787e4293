import Basics
import Model

/// `Model.RouteRules`, ready to be asked.
final class CompiledRouteRules: Sendable {
    let first: RuleList
    let unsecured: RuleList
    let access: RuleList
    private let isAccessOfAll: Bool
    let request: RuleList
    let response: RuleList
    let after: RuleList
    /// One, or none.
    private let authorization: FixedArray<CompiledAuthorization>
    /// The same.
    private let mirroring: FixedArray<CompiledMirror>
    /// The same.
    private let delegation: FixedArray<CompiledErrorDelegation>

    // Each part is made before any is stored, as everywhere.
    init(_ rules: RouteRules) {
        let first = RuleList(rules.first)
        let unsecured = RuleList(rules.unsecured)
        let access = RuleList(rules.access)
        let request = RuleList(rules.request)
        let response = RuleList(rules.response)
        let after = RuleList(rules.after)
        let questions = rules.authorization.map { [$0] } ?? []
        let authorization = FixedArray(count: questions.count) { CompiledAuthorization(questions[$0]) }
        let errors = rules.errors.map { [$0] } ?? []
        let delegation = FixedArray(count: errors.count) { CompiledErrorDelegation(errors[$0]) }
        let mirrors = rules.mirror.map { [$0] } ?? []
        let mirroring = FixedArray(count: mirrors.count) { CompiledMirror(mirrors[$0]) }
        self.first = first
        self.unsecured = unsecured
        self.access = access
        isAccessOfAll = rules.isAccessOfAll
        self.request = request
        self.response = response
        self.after = after
        self.authorization = authorization
        self.mirroring = mirroring
        self.delegation = delegation
    }

    /// Whether nothing is done with requests before they come to the backend, but for what the way they came by decides.
    /// What holds for all has been asked of whom a question is about.
    var lessensNothing: Bool {
        first.isEmpty && (access.isEmpty || isAccessOfAll) && asked == nil && request.isEmpty
    }

    /// Which answers somebody else writes; nil is none.
    var errors: Ref<CompiledErrorDelegation>? { delegation.count > 0 ? delegation.reference(0) : nil }

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
