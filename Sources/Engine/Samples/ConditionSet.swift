import Basics
import Model
import Wire

/// Conditions of many rules in one flat form. A test that several of them ask, an ACL, is compiled once.
///
/// ```
///   conditions   if a !b or c        unless a
///   terms        [a] [!b, end] [c, end]   [a, end]          each a range of tests
/// ```
struct ConditionSet: ~Copyable {
    private let tests: FixedArray<CompiledTest>
    /// The same tests as far as they are plain, close together, and their texts.
    private let plain: FixedArray<PlainTest>
    private let literals: FixedArray<UInt8>
    /// The tests of terms, as indices: terms of the same ACL share them.
    private let asked: FixedArray<UInt32>
    private let terms: FixedArray<Term>
    private let conditions: FixedArray<Condition>

    struct Term {
        let first: UInt32
        let end: UInt32
        let isNegated: Bool
        /// The alternative ends with it.
        let isLast: Bool
    }

    struct Condition {
        let first: UInt32
        let end: UInt32
        let isNegated: Bool
        let isAlways: Bool
    }

    /// Conditions in the order they are asked by; nil always holds.
    init(_ models: [RuleCondition?]) {
        var builder = Builder()
        let compiled = models.map { builder.condition($0) }
        let (tests, asked, terms) = (builder.tests, builder.asked, builder.terms)
        var texts = Literals()
        let plain = FixedArray(count: tests.count) { PlainTest(tests[$0], &texts) }
        let literals = FixedArray(texts.bytes)
        self.plain = plain
        self.literals = literals
        self.tests = FixedArray(count: tests.count) { CompiledTest(tests[$0]) }
        self.asked = FixedArray(count: asked.count) { asked[$0] }
        self.terms = FixedArray(count: terms.count) { terms[$0] }
        conditions = FixedArray(count: compiled.count) { compiled[$0] }
    }

    /// How many there are.
    var count: Int { conditions.count }

    /// Whether the condition of a number holds whatever comes.
    func isAlways(_ number: Int) -> Bool { conditions[number].isAlways }

    /// Whether the condition of a number holds.
    func holds<Source: SampleSource & ~Copyable>(
        _ number: Int, for source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool {
        let condition = conditions[number]
        guard !condition.isAlways else { return true }
        var at = Int(condition.first)
        while at < Int(condition.end) {
            if isTrue(terms[at], source, &workspace) {
                // The last of an alternative: all of them were.
                if terms[at].isLast { return !condition.isNegated }
                at += 1
                continue
            }
            while !terms[at].isLast { at += 1 }
            at += 1
        }
        return condition.isNegated
    }

    /// Whether it holds; nil while that depends on bytes that have not come yet.
    func verdict<Source: SampleSource & ~Copyable>(
        _ number: Int, for source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool? {
        let condition = conditions[number]
        guard !condition.isAlways else { return true }
        var isOpen = false
        var at = Int(condition.first)
        while at < Int(condition.end) {
            var alternative: Bool? = true
            while true {
                if alternative != false {
                    switch value(terms[at], source, &workspace) {
                    case false: alternative = false
                    case nil: alternative = nil
                    default: break
                    }
                }
                at += 1
                if terms[at - 1].isLast { break }
            }
            if alternative == true { return !condition.isNegated }
            if alternative == nil { isOpen = true }
        }
        return isOpen ? nil : condition.isNegated
    }

    private func value<Source: SampleSource & ~Copyable>(
        _ term: Term, _ source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool? {
        var isOpen = false
        for i in Int(term.first)..<Int(term.end) {
            workspace.lack = .nothing
            if tests[Int(asked[i])].holds(for: source, &workspace) { return !term.isNegated }
            if workspace.lack != .nothing { isOpen = true }
        }
        return isOpen ? nil : term.isNegated
    }

    private func isTrue<Source: SampleSource & ~Copyable>(
        _ term: Term, _ source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool {
        for i in Int(term.first)..<Int(term.end) where holds(test: Int(asked[i]), source, &workspace) {
            return !term.isNegated
        }
        return term.isNegated
    }

    /// Whether a test holds: asked of the request in place if the source has one and the test is plain.
    @inline(__always)
    private func holds<Source: SampleSource & ~Copyable>(
        test place: Int, _ source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool {
        if plain[place].isPlain,
            let holds = source.holds(
                plain.reference(place), literals.view, tests.reference(place), &workspace)
        {
            return holds
        }
        return tests[place].holds(for: source, &workspace)
    }

    /// Gathers what is equal.
    private struct Builder {
        var tests: [SampleTest] = []
        var asked: [UInt32] = []
        var terms: [Term] = []
        private var places: [SampleTest: UInt32] = [:]
        private var lists: [[SampleTest]: Range<UInt32>] = [:]

        mutating func condition(_ model: RuleCondition?) -> Condition {
            let first = UInt32(terms.count)
            for alternative in model?.alternatives ?? [] where !alternative.isEmpty {
                for (place, term) in alternative.enumerated() {
                    let range = range(of: term.tests)
                    terms.append(
                        Term(
                            first: range.lowerBound, end: range.upperBound, isNegated: term.isNegated,
                            isLast: place == alternative.count - 1))
                }
            }
            return Condition(
                first: first, end: UInt32(terms.count), isNegated: model?.isNegated == true,
                isAlways: model == nil)
        }

        private mutating func range(of list: [SampleTest]) -> Range<UInt32> {
            if let known = lists[list] { return known }
            let first = UInt32(asked.count)
            for test in list {
                let place = places[test] ?? UInt32(tests.count)
                if places[test] == nil {
                    places[test] = place
                    tests.append(test)
                }
                asked.append(place)
            }
            lists[list] = first..<UInt32(asked.count)
            return first..<UInt32(asked.count)
        }
    }
}
