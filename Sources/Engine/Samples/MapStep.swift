import Basics
import Model
import Wire

/// `Model.MapLookup` as workers do it: what is looked for, and what stands for it where nothing is found.
struct MapStep {
    let list: UInt64
    let method: PatternUse.Method
    private let input: SampleType
    private let fallback: Fallback?

    private enum Fallback {
        case text(Literal)
        case number(Int64)
        case address(SocketAddress)
    }

    init(_ lookup: MapLookup, _ literals: inout Literals) {
        list = PatternDirectory.number(of: lookup.list, lookup.use)
        method = lookup.use.method
        input = method.input
        fallback = lookup.fallback.flatMap { text in
            switch PatternValue(text, lookup.use.output ?? .text) {
            case .number(let number): .number(number)
            case .address(let address): .address(address)
            case .text: .text(literals.add(text))
            case .some(.none), nil: nil
            }
        }
    }

    /// What the map has for a sample. What the sample can not be made of has no fallback either, and what took too long has none.
    func apply<Source: SampleSource & ~Copyable>(
        to sample: Sample, _ source: borrowing Source, _ literals: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        guard let wanted = sample.cast(to: input, &workspace) else { return nil }
        let overruns = workspace.overruns
        if let found = source.find(wanted, in: list, &workspace) { return found }
        return workspace.overruns == overruns ? fallback(literals) : nil
    }

    /// What stands for what is not found.
    func fallback(_ literals: ByteView) -> Sample? {
        switch fallback {
        case nil: nil
        case .text(let text): .string(literals[text])
        case .number(let number): .integer(number)
        case .address(let address): .address(address)
        }
    }
}

extension Sample {
    /// The same as another type, as far as lists of patterns want them; nil if it is nothing of the kind.
    func cast(to type: SampleType, _ workspace: inout SampleWorkspace) -> Sample? {
        switch type {
        case .integer: number.map { .integer($0) }
        case .address: address.map { .address($0) }
        case .binary: key(&workspace).map { .binary($0) }
        default: text(&workspace).map { .string($0) }
        }
    }
}
