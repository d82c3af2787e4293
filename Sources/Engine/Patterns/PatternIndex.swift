import Basics
import Model
import Synchronization
import Wire

/// A list as one of its uses asks it. Workers read it without a lock while its owner changes it: what they may stand at is given up
/// only when each of them has been between two events (`PatternTrash`), and nobody keeps what was found for longer than an event.
final class PatternIndex: Sendable {
    let use: PatternUse
    private let layout: Atomic<Unmanaged<PatternLayout>>

    /// `layout` stays the owner's.
    init(_ use: PatternUse, _ layout: PatternLayout) {
        self.use = use
        self.layout = Atomic(Unmanaged.passUnretained(layout))
    }

    /// From now on it is this one. The owner's.
    func show(_ next: PatternLayout) { layout.store(Unmanaged.passUnretained(next), ordering: .releasing) }

    /// What is found with a sample, which is of the type that the use wants; nil if nothing matches.
    func find(_ sample: Sample, _ workspace: inout SampleWorkspace) -> Sample? {
        let layout = layout.load(ordering: .acquiring)
        return layout._withUnsafeGuaranteedRef { layout in
            if case .groups = use.method { return expanded(sample, layout, &workspace) }
            return node(for: sample, layout, &workspace)?._withUnsafeGuaranteedRef { $0.sample }
        }
    }

    /// What is found with a text where texts are compared; nil if nothing matches.
    func find(text: ByteView) -> Sample? {
        guard case .text(let match) = use.method else { return nil }
        return layout.load(ordering: .acquiring)._withUnsafeGuaranteedRef { layout in
            node(for: text, match, layout)?._withUnsafeGuaranteedRef { $0.sample }
        }
    }

    /// What is found with an address among networks; nil if it is in none.
    func find(address: SocketAddress) -> Sample? {
        layout.load(ordering: .acquiring)._withUnsafeGuaranteedRef { layout in
            layout.network(of: address)?._withUnsafeGuaranteedRef { $0.sample }
        }
    }

    /// The number of the line that is found with a sample. The owner's.
    func line(for sample: Sample, _ workspace: inout SampleWorkspace) -> UInt64? {
        layout.load(ordering: .acquiring)._withUnsafeGuaranteedRef { layout in
            node(for: sample, layout, &workspace)?._withUnsafeGuaranteedRef { $0.id }
        }
    }

    private func node(
        for sample: Sample, _ layout: PatternLayout, _ workspace: inout SampleWorkspace
    ) -> Unmanaged<PatternNode>? {
        switch use.method {
        case .number: return sample.number.flatMap { layout.number($0) }
        case .address: return sample.address.flatMap { layout.network(of: $0) }
        case .binary: return sample.key(&workspace).flatMap { layout.exactly($0, isFolded: false) }
        case .length: return sample.text(&workspace).flatMap { layout.number(Int64($0.count)) }
        case .text(let match): return sample.text(&workspace).flatMap { node(for: $0, match, layout) }
        case .regex, .groups:
            var groups = MatchGroups()
            return sample.text(&workspace).flatMap { matching($0, &groups, layout, &workspace) }
        }
    }

    private func node(
        for text: ByteView, _ match: TextMatch, _ layout: PatternLayout
    ) -> Unmanaged<PatternNode>? {
        switch match {
        case .exact: layout.exactly(text, isFolded: use.ignoresCase)
        case .prefix: layout.longestPrefix(of: text, isFolded: use.ignoresCase)
        case .suffix: layout.firstSuffix(of: text, isFolded: use.ignoresCase)
        case .substring: part(of: text, between: nil, layout)
        case .directory: part(of: text, between: ("/?" as StaticString).view, layout)
        case .domain: part(of: text, between: ("/?.:" as StaticString).view, layout)
        }
    }

    private func part(
        of text: ByteView, between delimiters: ByteView?, _ layout: PatternLayout
    ) -> Unmanaged<PatternNode>? {
        for i in 0..<layout.scanned.count {
            let stands = layout.scanned[i]._withUnsafeGuaranteedRef {
                TextSet.stands($0.text, in: text, between: delimiters, ignoresCase: use.ignoresCase)
            }
            if stands { return layout.scanned[i] }
        }
        return nil
    }

    private func matching(
        _ text: ByteView, _ groups: inout MatchGroups, _ layout: PatternLayout,
        _ workspace: inout SampleWorkspace
    ) -> Unmanaged<PatternNode>? {
        for i in 0..<layout.scanned.count {
            let outcome = layout.scanned[i]._withUnsafeGuaranteedRef { node in
                if case .regex(let regex) = node.key {
                    workspace.find(Unmanaged.passUnretained(regex), in: text, &groups)
                } else {
                    MatchOutcome.nothing
                }
            }
            if outcome == .found { return layout.scanned[i] }
        }
        return nil
    }

    private func expanded(
        _ sample: Sample, _ layout: PatternLayout, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        var groups = MatchGroups()
        guard let text = sample.text(&workspace),
            let node = matching(text, &groups, layout, &workspace)
        else { return nil }
        return node._withUnsafeGuaranteedRef { node in
            workspace.expanded(node.valueText, groups, in: text).map { .string($0) }
        }
    }
}
