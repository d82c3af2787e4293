import Basics
import Model
import Wire

/// A list for one use: buckets, and what is to be looked for in them. The buckets' contents change; another layout is made when
/// something else does.
final class PatternLayout: Sendable {
    let buckets: PatternBuckets
    /// The lengths of texts that occur, in order.
    private let lengths: FixedArray<Int>
    /// The lengths of prefixes that occur, longest first.
    private let v4: FixedArray<Prefix>
    private let v6: FixedArray<Int>
    /// What has no place in buckets, in the list's order.
    let scanned: FixedArray<Unmanaged<PatternNode>>
    private let seed = PatternHash.Seed.own

    /// What makes the word of an address that of the network with a length of prefix.
    private struct Prefix: Sendable {
        let mask: UInt64
        let prefix: UInt64

        init(_ length: Int) {
            mask = PatternKey.word(v4: length == 0 ? 0 : .max << UInt32(32 - length), 0)
            prefix = UInt64(length)
        }
    }

    init(
        _ buckets: PatternBuckets, lengths: [Int] = [], v4: [Int] = [], v6: [Int] = [],
        scanned: [PatternNode] = []
    ) {
        let texts = FixedArray(lengths)
        let short = FixedArray(v4.map { Prefix($0) })
        let long = FixedArray(v6)
        let list = FixedArray(count: scanned.count) { Unmanaged.passUnretained(scanned[$0]) }
        self.buckets = buckets
        self.lengths = texts
        self.v4 = short
        self.v6 = long
        self.scanned = list
    }

    /// A text as a whole.
    func exactly(_ text: ByteView, isFolded: Bool) -> Unmanaged<PatternNode>? {
        let hash = PatternHash.hash(whole: text, isFolded: isFolded, seed)
        return buckets.first(hash) { isFolded ? $0.text.equalsIgnoringCase(text) : $0.text.equals(text) }
    }

    /// The longest text that this one begins with.
    func longestPrefix(of text: ByteView, isFolded: Bool) -> Unmanaged<PatternNode>? {
        var best: Unmanaged<PatternNode>?
        ends(of: text, isFolded: isFolded, fromEnd: false) { best = $0 }
        return best
    }

    /// The first line whose text this one ends with.
    func firstSuffix(of text: ByteView, isFolded: Bool) -> Unmanaged<PatternNode>? {
        var best: Unmanaged<PatternNode>?
        ends(of: text, isFolded: isFolded, fromEnd: true) { node in
            let isBetter =
                best.map { $0._withUnsafeGuaranteedRef(\.id) > node._withUnsafeGuaranteedRef(\.id) } ?? true
            if isBetter { best = node }
        }
        return best
    }

    /// Calls `body` with what stands at one end of a text, from the shortest on.
    @inline(__always)
    private func ends(
        of text: ByteView, isFolded: Bool, fromEnd: Bool, _ body: (Unmanaged<PatternNode>) -> Void
    ) {
        var hash = PatternHash(seed)
        var at = 0
        var block = PatternHash.Block(text, at: 0, isFolded: isFolded, fromEnd: fromEnd)
        for i in 0..<lengths.count {
            let length = lengths[i]
            guard length <= text.count else { return }
            while length - at >= 8 {
                hash.add(block.all)
                at += 8
                block = PatternHash.Block(text, at: at, isFolded: isFolded, fromEnd: fromEnd)
            }
            let end = fromEnd ? text[text.count - length..<text.count] : text[0..<length]
            let node = buckets.first(hash.value(with: block, length - at)) {
                isFolded ? $0.text.equalsIgnoringCase(end) : $0.text.equals(end)
            }
            if let node { body(node) }
        }
    }

    /// The smallest network with an address.
    func network(of address: SocketAddress) -> Unmanaged<PatternNode>? {
        if let number = address.v4Number {
            let whole = PatternKey.word(v4: number, 0)
            for i in 0..<v4.count {
                let word = whole & v4[i].mask | v4[i].prefix
                let found = buckets.first(PatternHash.hash(word, seed)) { $0.v4Word == word }
                if let found { return found }
            }
            return nil
        }
        let number = address.v6Number
        for i in 0..<v6.count {
            let wanted = number & (v6[i] == 0 ? 0 : .max << UInt128(128 - v6[i]))
            let found = buckets.first(PatternKey.hash(v6: wanted, v6[i], seed)) {
                if case .v6(wanted, prefix: v6[i]) = $0.key { true } else { false }
            }
            if let found { return found }
        }
        return nil
    }

    /// The first line with a number, alone or in a range.
    func number(_ number: Int64) -> Unmanaged<PatternNode>? {
        let alone = buckets.first(PatternHash.hash(UInt64(bitPattern: number), seed)) {
            if case .number(number) = $0.key { true } else { false }
        }
        let bound = alone?._withUnsafeGuaranteedRef(\.id) ?? .max
        for i in 0..<scanned.count {
            let isIt = scanned[i]._withUnsafeGuaranteedRef { node in
                if case .range(let range) = node.key {
                    node.id < bound && range.contains(number)
                } else {
                    false
                }
            }
            if isIt { return scanned[i] }
        }
        return alone
    }
}
