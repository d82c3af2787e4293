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
        self.tests = FixedArray(count: tests.count) { CompiledTest(tests[$0]) }
        self.asked = FixedArray(count: asked.count) { asked[$0] }
        self.terms = FixedArray(count: terms.count) { terms[$0] }
        conditions = FixedArray(count: compiled.count) { compiled[$0] }
    }

    /// How many there are.
    var count: Int { conditions.count }

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

    private func isTrue<Source: SampleSource & ~Copyable>(
        _ term: Term, _ source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Bool {
        for i in Int(term.first)..<Int(term.end)
        where tests[Int(asked[i])].holds(for: source, &workspace) {
            return !term.isNegated
        }
        return term.isNegated
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
