import Basics
import Model
import Wire

/// `Model.Expression` as workers run it: one fetch and a row of small steps, and beside them the texts they need. Running it
/// allocates nothing and counts no reference.
struct CompiledExpression: ~Copyable {
    private let fetch: FetchCode
    private let steps: FixedArray<ConverterCode>
    private let literals: FixedArray<UInt8>
    /// Keeps the regular expressions alive that steps point to.
    private let patterns: [RegularExpression]

    init(_ expression: Expression) {
        var literals = Literals()
        var patterns: [RegularExpression] = []
        fetch = FetchCode(expression.fetch, &literals)
        let codes = expression.converters.map { ConverterCode($0, &literals, &patterns) }
        steps = FixedArray(count: codes.count) { codes[$0] }
        let bytes = literals.bytes
        self.literals = FixedArray(count: bytes.count) { bytes[$0] }
        self.patterns = patterns
    }

    /// A sample, read from `source`; nil if there is none. It is good until `workspace` is reset or what it was read from
    /// changes.
    func sample<Source: SampleSource & ~Copyable>(
        of source: borrowing Source, _ cursor: inout SampleCursor, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        guard var sample = begin(source, &cursor, &workspace) else { return nil }
        for i in 0..<steps.count {
            guard let next = apply(steps[i], to: sample, source, &workspace) else { return nil }
            sample = next
        }
        return sample
    }

    @inline(__always)
    private func begin<Source: SampleSource & ~Copyable>(
        _ source: borrowing Source, _ cursor: inout SampleCursor, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        guard case .variable(let key, let text) = fetch else {
            return source.fetch(fetch, literals.view, &cursor, &workspace)
        }
        return source.variable(key, &workspace) ?? text.map { .string(literals.view[$0]) }
    }

    @inline(__always)
    private func apply<Source: SampleSource & ~Copyable>(
        _ step: ConverterCode, to sample: Sample, _ source: borrowing Source,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        if case .variable(let step) = step {
            return step.apply(to: sample, source, literals.view, &workspace)
        }
        if case .table(let table, let lookup) = step {
            return source.look(up: sample, in: table, for: lookup, &workspace)
        }
        if case .map(let step) = step { return step.apply(to: sample, source, literals.view, &workspace) }
        return step.apply(to: sample, literals.view, &workspace)
    }

    /// The one sample there is; of several values the last, of parameters the first.
    func sample<Source: SampleSource & ~Copyable>(
        of source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        var cursor = SampleCursor.single
        return sample(of: source, &cursor, &workspace)
    }

    /// The sample as the bytes of a key: what is hashed, and what tables are asked for. Nil if there is none.
    func key<Source: SampleSource & ~Copyable>(
        of source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> ByteView? {
        sample(of: source, &workspace)?.key(&workspace)
    }
}

/// What expressions are read from.
protocol SampleSource: ~Copyable {
    /// What a fetch gives; nil if there is no such thing.
    func fetch(
        _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
        _ workspace: inout SampleWorkspace
    ) -> Sample?

    /// What a variable holds, good as long as `workspace`; nil if it is not set, or can not be had here.
    func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample?

    /// Sets a variable, if it can be had here.
    func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions)

    func unsetVariable(_ key: VariableKey)

    /// What a table says of a key; nil if there is no such table.
    func look(
        up sample: Sample, in table: UInt64, for lookup: TableLookup, _ workspace: inout SampleWorkspace
    ) -> Sample?

    /// What a list of patterns has for a sample of the type it wants; nil if nothing matches.
    func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample?

    /// Keeps a text for the log.
    func capture(_ text: ByteView, at slot: Int, isAnswer: Bool)
}

extension SampleSource where Self: ~Copyable {
    func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? { nil }
    func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {}
    func unsetVariable(_ key: VariableKey) {}
    func look(
        up sample: Sample, in table: UInt64, for lookup: TableLookup, _ workspace: inout SampleWorkspace
    ) -> Sample? { nil }
    func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample? { nil }
    func capture(_ text: ByteView, at slot: Int, isAnswer: Bool) {}
}

/// Which of several values is read: values of a field, cookies, parameters.
enum SampleCursor {
    /// The one that expressions mean.
    case single
    /// All of them, one after the other; none has been read.
    case each
    case fields(FieldValues)
    case cookies(RequestCookies)
    case parameters(QueryParameters)
    case protocols(ProtocolNames)
    /// Of a user, the number of the next.
    case groups(Int)
    /// There are no more.
    case end

    /// Whether there may be another value.
    var hasMore: Bool {
        switch self {
        case .fields, .cookies, .parameters, .protocols, .groups: true
        case .single, .each, .end: false
        }
    }

    /// Whether one value after the other is asked for.
    var isOfEach: Bool {
        if case .single = self { return false }
        return true
    }
}
