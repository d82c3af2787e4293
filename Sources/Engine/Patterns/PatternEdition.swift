import Basics
import Model

/// What the owner of a list keeps of one of its uses, to change it.
struct PatternEdition {
    let index: PatternIndex
    private var layout: PatternLayout
    private var nodes: [UInt64: PatternNode] = [:]
    /// How often each length of a text or prefix occurs.
    private var lengths: [Length: Int] = [:]

    enum Length: Hashable {
        case text(Int)
        case v4(Int)
        case v6(Int)
    }

    init(_ use: PatternUse) {
        layout = PatternLayout(PatternBuckets(for: 0))
        index = PatternIndex(use, layout)
    }

    /// Whether a line can be used.
    func takes(_ entry: PatternList.Entry) -> Bool {
        PatternKey(entry.pattern, for: index.use) != nil
            && PatternValue(entry.value, index.use.output) != nil
    }

    /// The line that matches a text.
    func find(_ text: [UInt8]) -> UInt64? {
        var workspace = SampleWorkspace()
        workspace.reset()
        return text.withView { index.line(for: .string($0), &workspace) }
    }

    /// Begins anew with some lines, all at once for whoever asks.
    mutating func replace(with lines: some Sequence<PatternRecord.Line>, _ trash: inout [PatternTrash.Item]) {
        for node in nodes.values { trash.append(node) }
        nodes = [:]
        lengths = [:]
        for line in lines {
            guard let node = node(of: line) else { continue }
            nodes[line.id] = node
            count(node, by: 1)
        }
        show(with: PatternBuckets(for: nodes.count), &trash)
    }

    /// Takes a line in, in place of what it was before.
    mutating func insert(_ line: PatternRecord.Line, _ trash: inout [PatternTrash.Item]) {
        let old = nodes[line.id]
        guard let node = node(of: line) else { return }
        nodes[line.id] = node
        let isNewLength = count(node, by: 1)
        if let old { count(old, by: -1) }
        if !node.isHashed || nodes.count > 2 * layout.buckets.count {
            show(with: node.isHashed ? rebuilt(&trash) : layout.buckets, &trash)
        } else {
            if isNewLength { show(with: layout.buckets, &trash) }
            layout.buckets.insert(node)
        }
        guard let old else { return }
        if old.isHashed { layout.buckets.remove(old) }
        trash.append(old)
    }

    mutating func remove(_ id: UInt64, _ trash: inout [PatternTrash.Item]) {
        guard let node = nodes.removeValue(forKey: id) else { return }
        let isLastOfLength = count(node, by: -1)
        if node.isHashed { layout.buckets.remove(node) }
        if isLastOfLength || !node.isHashed { show(with: layout.buckets, &trash) }
        trash.append(node)
    }

    private func node(of line: PatternRecord.Line) -> PatternNode? {
        guard let key = PatternKey(line.entry.pattern, for: index.use),
            let value = PatternValue(line.entry.value, index.use.output)
        else { return nil }
        return PatternNode(
            id: line.id, hash: key.hash(for: index.use), key: key, value: value, text: line.entry.value)
    }

    /// True if a length has come or gone.
    @discardableResult
    private mutating func count(_ node: PatternNode, by step: Int) -> Bool {
        let length: Length
        switch node.key {
        case .text(let bytes): length = .text(bytes.count)
        case .v4(_, let prefix): length = .v4(prefix)
        case .v6(_, let prefix): length = .v6(prefix)
        case .number, .range, .regex: return false
        }
        let known = lengths[length] ?? 0
        lengths[length] = known + step == 0 ? nil : known + step
        return known == 0 || known + step == 0
    }

    /// Larger buckets: with nodes of their own, as those there stand in a row that is walked.
    private mutating func rebuilt(_ trash: inout [PatternTrash.Item]) -> PatternBuckets {
        for (id, node) in nodes {
            trash.append(node)
            nodes[id] = PatternNode(copyOf: node)
        }
        return PatternBuckets(for: nodes.count * 2)
    }

    private mutating func show(with buckets: PatternBuckets, _ trash: inout [PatternTrash.Item]) {
        if buckets !== layout.buckets {
            for node in nodes.values where node.isHashed { buckets.insert(node) }
        }
        let scanned = nodes.values.filter { !$0.isHashed }.sorted { $0.id < $1.id }
        var (texts, v4, v6): ([Int], [Int], [Int]) = ([], [], [])
        for length in lengths.keys {
            switch length {
            case .text(let count): texts.append(count)
            case .v4(let prefix): v4.append(prefix)
            case .v6(let prefix): v6.append(prefix)
            }
        }
        let next = PatternLayout(
            buckets, lengths: texts.sorted(), v4: v4.sorted(by: >), v6: v6.sorted(by: >), scanned: scanned)
        index.show(next)
        trash.append(layout)
        layout = next
    }
}
