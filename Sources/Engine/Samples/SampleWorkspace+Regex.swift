import Basics
import Wire

/// HAProxy's `regsub`, and what its replacements mean.
extension SampleWorkspace {
    /// The text with the first match, or all of them, replaced; nil if there is no room or no time for it.
    mutating func replace(
        _ pattern: Unmanaged<RegularExpression>, in text: ByteView, by replacement: ByteView, isGlobal: Bool
    ) -> ByteView? {
        let start = mark
        var rest = text
        var isContinued = false
        while true {
            var outcome = MatchOutcome.nothing
            var groups = MatchGroups()
            if isGlobal || !isContinued { outcome = find(pattern, in: rest, &groups, continues: isContinued) }
            guard outcome != .tooCostly else { return nil }
            guard outcome == .found, let found = groups[0] else {
                return append(rest) ? written(since: start) : nil
            }
            guard append(rest[0..<found.lowerBound]), expand(replacement, groups, in: rest) else {
                return nil
            }
            guard !rest.isEmpty else { return written(since: start) }
            // An empty match stands in front of a byte, which is passed on.
            if found.upperBound == 0, !append(rest[0..<1]) { return nil }
            rest = rest[max(1, found.upperBound)..<rest.count]
            isContinued = true
        }
    }

    /// A replacement with what was found filled in; nil if there is no room for it.
    mutating func expanded(_ replacement: ByteView, _ groups: MatchGroups, in text: ByteView) -> ByteView? {
        let start = mark
        return expand(replacement, groups, in: text) ? written(since: start) : nil
    }

    /// `\0` to `\9` are what was found, and any other byte behind `\` is itself.
    private mutating func expand(_ replacement: ByteView, _ groups: MatchGroups, in text: ByteView) -> Bool {
        write { writer in
            var at = 0
            while at < replacement.count {
                let byte = replacement[at]
                at += 1
                guard byte == UInt8(ascii: "\\"), at < replacement.count else {
                    writer.append(byte)
                    continue
                }
                let next = replacement[at]
                at += 1
                guard next &- UInt8(ascii: "0") <= 9 else {
                    writer.append(next)
                    continue
                }
                if let range = groups[Int(next &- UInt8(ascii: "0"))] { writer.append(text[range]) }
            }
        } != nil
    }
}
