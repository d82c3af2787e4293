import Basics
import Model
import Wire

/// `Model.Expression` as workers run it: one fetch and a row of small steps, and beside them the texts they need. Running it
/// allocates nothing and counts no reference.
struct CompiledExpression: ~Copyable {
    private let fetch: FetchCode
    private let steps: FixedArray<ConverterCode>
    fileprivate let literals: FixedArray<UInt8>
    /// The whole, if it is so simple: one, or none.
    fileprivate let maps: FixedArray<PlainMap>
    /// Keeps alive what steps point to.
    private let owned: [any AnyObject & Sendable]

    init(_ expression: Expression) {
        var literals = Literals()
        var owned: [any AnyObject & Sendable] = []
        fetch = FetchCode(expression.fetch, &literals)
        let codes = expression.converters.map { ConverterCode($0, &literals, &owned) }
        let maps = FixedArray([PlainMap(expression, codes)].compactMap { $0 })
        self.maps = maps
        steps = FixedArray(count: codes.count) { codes[$0] }
        let bytes = literals.bytes
        self.literals = FixedArray(count: bytes.count) { bytes[$0] }
        self.owned = owned
    }

    /// A sample, read from `source`; nil if there is none. It is good until `workspace` is reset or what it was read from
    /// changes.
    func sample<Source: SampleSource & ~Copyable>(
        of source: borrowing Source, _ cursor: inout SampleCursor, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        if maps.count > 0, let found = source.find(maps.reference(0), literals.view, &workspace) {
            return found.sample
        }
        return stepwise(of: source, &cursor, &workspace)
    }

    fileprivate func stepwise<Source: SampleSource & ~Copyable>(
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

// By reference: what is borrowed by value is copied, and that costs as much as looking a map up.
extension Ref where Value == CompiledExpression {
    /// The one sample there is; of several values the last, of parameters the first.
    func sample<Source: SampleSource & ~Copyable>(
        of source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        if self[].maps.count > 0,
            let found = source.find(self[].maps.reference(0), self[].literals.view, &workspace)
        {
            return found.sample
        }
        var cursor = SampleCursor.single
        return self[].stepwise(of: source, &cursor, &workspace)
    }
}

/// What expressions are read from.
protocol SampleSource: ~Copyable {
    /// What a fetch gives; nil if there is no such thing.
    func fetch(
        _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
        _ workspace: inout SampleWorkspace
    ) -> Sample?

    /// What a plain test says, which `whole` is too; nil if there is no request here that it could be asked of.
    func holds(
        _ test: Ref<PlainTest>, _ literals: ByteView, _ whole: Ref<CompiledTest>,
        _ workspace: inout SampleWorkspace
    ) -> Bool?

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

    /// The same of what stands in a request as it is; nil if there is none here.
    func find(
        _ map: Ref<PlainMap>, _ literals: ByteView, _ workspace: inout SampleWorkspace
    ) -> PlainMap.Finding?

    /// Keeps a text for the log.
    func capture(_ text: ByteView, at slot: Int, isAnswer: Bool)
}

extension SampleSource where Self: ~Copyable {
    func holds(
        _ test: Ref<PlainTest>, _ literals: ByteView, _ whole: Ref<CompiledTest>,
        _ workspace: inout SampleWorkspace
    ) -> Bool? { nil }
    func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? { nil }
    func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {}
    func unsetVariable(_ key: VariableKey) {}
    func look(
        up sample: Sample, in table: UInt64, for lookup: TableLookup, _ workspace: inout SampleWorkspace
    ) -> Sample? { nil }
    func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample? { nil }
    func find(
        _ map: Ref<PlainMap>, _ literals: ByteView, _ workspace: inout SampleWorkspace
    ) -> PlainMap.Finding? { nil }
    func capture(_ text: ByteView, at slot: Int, isAnswer: Bool) {}
}

/// Which of several values is read: values of a field, cookies, parameters.
enum SampleCursor {
    /// The one that expressions mean.
    case single
    /// All of them, one after the other; none has been read.
    case each
    case fields(FieldValues)
    case cookies(MessageCookies)
    case parameters(QueryParameters)
    case protocols(ProtocolNames)
    case announced(ProxyFields)
    /// Of a user, the number of the next.
    case groups(Int)
    /// There are no more.
    case end

    /// Whether there may be another value.
    var hasMore: Bool {
        switch self {
        case .fields, .cookies, .parameters, .protocols, .announced, .groups: true
        case .single, .each, .end: false
        }
    }

    /// Whether one value after the other is asked for.
    var isOfEach: Bool {
        if case .single = self { return false }
        return true
    }
}
