import Basics

/// A fixed set of texts that is asked whether one is there, or begins or ends a text: by hash, whatever their number. For the
/// ends of texts there is one look for each length that occurs.
struct TextSet: ~Copyable {
    private let bytes: FixedArray<UInt8>
    private let texts: FixedArray<Literal>
    /// One more than the index of a text; 0 is free.
    private let slots: FixedArray<UInt32>
    /// The lengths that occur, in order.
    private let lengths: FixedArray<Int>
    private let ignoresCase: Bool

    init(_ list: [[UInt8]], ignoresCase: Bool) {
        var literals = Literals()
        var seen: Set<[UInt8]> = []
        let places = list.filter { seen.insert($0).inserted }.map { literals.add($0) }
        let arena = literals.bytes
        bytes = FixedArray(count: arena.count) { arena[$0] }
        texts = FixedArray(count: places.count) { places[$0] }
        let sorted = Set(list.map(\.count)).sorted()
        lengths = FixedArray(count: sorted.count) { sorted[$0] }
        self.ignoresCase = ignoresCase
        var capacity = 4
        while capacity < 2 * places.count { capacity *= 2 }
        slots = FixedArray(count: capacity) { _ in 0 }
        for (index, literal) in places.enumerated() {
            var slot = hash(bytes.view[literal])
            while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }

    private func hash(_ text: ByteView) -> Int {
        Int(truncatingIfNeeded: ByteHash.hash(text, foldingCase: ignoresCase)) & (slots.count - 1)
    }

    /// Whether a text is there.
    func contains(_ text: ByteView) -> Bool { index(of: text) != nil }

    /// The place of a text in the list; of one that stands there twice the places behind it are one less.
    func index(of text: ByteView) -> Int? {
        var slot = hash(text)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            let known = bytes.view[texts[index]]
            if ignoresCase ? known.equalsIgnoringCase(text) : known.equals(text) { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Whether a text begins with one of them.
    func containsPrefix(of text: ByteView) -> Bool {
        for i in 0..<lengths.count where lengths[i] <= text.count {
            if contains(text[0..<lengths[i]]) { return true }
        }
        return false
    }

    /// Whether a text ends with one of them.
    func containsSuffix(of text: ByteView) -> Bool {
        for i in 0..<lengths.count where lengths[i] <= text.count {
            if contains(text[text.count - lengths[i]..<text.count]) { return true }
        }
        return false
    }

    /// Whether one of them stands somewhere in a text; with `delimiters`, as a whole between two of them or the ends.
    func isPart(of text: ByteView, between delimiters: ByteView?) -> Bool {
        for i in 0..<texts.count
        where TextSet.stands(bytes.view[texts[i]], in: text, between: delimiters, ignoresCase: ignoresCase) {
            return true
        }
        return false
    }

    /// The same of one text.
    static func stands(
        _ wanted: ByteView, in text: ByteView, between delimiters: ByteView?, ignoresCase: Bool
    ) -> Bool {
        guard let delimiters else { return stands(wanted, in: text, ignoresCase: ignoresCase) }
        return stands(trimmed(wanted, delimiters), in: text, between: delimiters, ignoresCase)
    }

    /// Whether a text stands somewhere in another one.
    static func stands(_ wanted: ByteView, in text: ByteView, ignoresCase: Bool) -> Bool {
        guard wanted.count <= text.count, !wanted.isEmpty else { return wanted.isEmpty }
        let last = text.count - wanted.count
        var at = 0
        while at <= last, let begin = begin(of: wanted, in: text, from: at, ignoresCase), begin <= last {
            if isSame(wanted, text[begin..<begin + wanted.count], ignoresCase) { return true }
            at = begin + 1
        }
        return false
    }

    /// Where the first byte stands next.
    private static func begin(
        of wanted: ByteView, in text: ByteView, from start: Int, _ ignoresCase: Bool
    ) -> Int? {
        guard ignoresCase else { return text.firstIndex(of: wanted[0], from: start) }
        let first = foldCase(wanted[0])
        var at = start
        while at < text.count {
            if foldCase(text[at]) == first { return at }
            at += 1
        }
        return nil
    }

    private static func stands(
        _ wanted: ByteView, in text: ByteView, between delimiters: ByteView, _ ignoresCase: Bool
    ) -> Bool {
        guard wanted.count <= text.count, !wanted.isEmpty else { return false }
        var mayBegin = true
        for at in 0...text.count - wanted.count {
            guard delimiters.firstIndex(of: text[at]) == nil else {
                mayBegin = true
                continue
            }
            let end = at + wanted.count
            if mayBegin, end == text.count || delimiters.firstIndex(of: text[end]) != nil,
                isSame(wanted, text[at..<end], ignoresCase)
            {
                return true
            }
            mayBegin = false
        }
        return false
    }

    private static func trimmed(_ text: ByteView, _ delimiters: ByteView) -> ByteView {
        TextPart.trim(TextPart.trim(text, delimiters, isLeft: true), delimiters, isLeft: false)
    }

    private static func isSame(_ one: ByteView, _ other: ByteView, _ ignoresCase: Bool) -> Bool {
        ignoresCase ? one.equalsIgnoringCase(other) : one.equals(other)
    }
}
