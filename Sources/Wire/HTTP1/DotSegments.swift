public import Basics

/// Resolves `.` and `..` segments of a path (RFC 3986 5.2.4), also when their dots are percent-encoded.
///
/// Decided once, for every reader: a path is matched and forwarded in its resolved form, so that no rule can be passed by
/// `/public/../admin`. Everything else is forwarded as it came; by what it is matched `MatchedPath` says.
public enum DotSegments {
    /// What a path might hold that is not plain: a quick look before the work. Something in the query may be taken for it.
    public static func shape(of path: ByteView) -> (mayHoldDots: Bool, isOdd: Bool) {
        path.withPointer { start, count in
            var isOdd = false
            for i in 0..<count {
                let byte = start[i]
                guard byte == UInt8(ascii: "/") else {
                    if byte == UInt8(ascii: "%") { isOdd = true }
                    continue
                }
                guard i &+ 1 < count else { break }
                let next = start[i &+ 1]
                if next == UInt8(ascii: "/") { isOdd = true }
                guard next == UInt8(ascii: ".") || next == UInt8(ascii: "%") else { continue }
                return (path[0..<i].firstIndex(of: UInt8(ascii: "?")) == nil, true)
            }
            return (false, isOdd)
        }
    }

    /// Appends the resolved path with its query to `output`; false if it climbs above the root or does not fit.
    public static func resolve(_ path: ByteView, into output: inout Buffer) -> Bool {
        let end = path.firstIndex(of: UInt8(ascii: "?")) ?? path.count
        let floor = output.count
        var at = 0
        while at < end {
            // `at` is on a slash.
            let next = path.firstIndex(of: UInt8(ascii: "/"), from: at + 1).map { min($0, end) } ?? end
            let dots = dotCount(path[at + 1..<next])
            if dots == 0 {
                guard output.append(path[at..<next]) else { return false }
            } else {
                if dots == 2 {
                    guard output.count > floor else { return false }
                    removeLast(&output, floor: floor)
                }
                if next == end, !output.append(UInt8(ascii: "/")) { return false }
            }
            at = next
        }
        if output.count == floor, !output.append(UInt8(ascii: "/")) { return false }
        return output.append(path[end..<path.count])
    }

    private static func removeLast(_ output: inout Buffer, floor: Int) {
        let written = output.view
        let slash = written[floor..<written.count].lastIndex(of: UInt8(ascii: "/")) ?? 0
        output.truncate(to: floor + slash)
    }

    /// 1 for `.`, 2 for `..`, 0 for any other segment; `%2e` counts as a dot.
    private static func dotCount(_ segment: ByteView) -> Int {
        var dots = 0
        var at = 0
        while at < segment.count {
            if segment[at] == UInt8(ascii: ".") {
                at += 1
            } else if at + 2 < segment.count, segment[at] == UInt8(ascii: "%"),
                segment[at + 1] == UInt8(ascii: "2"),
                foldCase(segment[at + 2]) == UInt8(ascii: "e")
            {
                at += 3
            } else {
                return 0
            }
            dots += 1
            if dots > 2 { return 0 }
        }
        return dots
    }
}
