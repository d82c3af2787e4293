public import Basics

/// A path in the form by which it is matched: percent-encoding undone, slashes merged, `.` and `..` resolved, as nginx does.
///
/// What is forwarded stays as it came, dot segments aside. So no rule of `/admin` is passed by `/%61dmin` or `//admin`, which
/// most servers take for the same. A plain path is its own matched form, and never comes here.
public enum MatchedPath {
    /// Appends the matched form, without the query, of a path whose dot segments are resolved. False if it holds a NUL, does
    /// not fit, or has a dot segment only once `%2F` is decoded: nobody can say which path a server makes of `/a/..%2Fb`.
    public static func append(_ path: ByteView, to output: inout Buffer) -> Bool {
        let end = path.firstIndex(of: UInt8(ascii: "?")) ?? path.count
        let floor = output.count
        var at = 0
        while at < end {
            var byte = path[at]
            at += 1
            if byte == UInt8(ascii: "%"), at + 1 < end, let high = hexValue(path[at]),
                let low = hexValue(path[at + 1])
            {
                byte = UInt8(truncatingIfNeeded: high << 4 | low)
                at += 2
                guard byte != 0 else { return false }
            }
            let isSlash = byte == UInt8(ascii: "/")
            if isSlash {
                guard !endsWithDots(output.view, floor: floor) else { return false }
                if output.count > floor, output.view[output.count - 1] == byte { continue }
            }
            guard output.append(byte) else { return false }
        }
        return !endsWithDots(output.view, floor: floor)
    }

    private static func endsWithDots(_ written: ByteView, floor: Int) -> Bool {
        let dot = UInt8(ascii: ".")
        var start = written.count
        while start > floor, written[start - 1] == dot, written.count - start < 3 { start -= 1 }
        let dots = written.count - start
        return (dots == 1 || dots == 2) && start > floor && written[start - 1] == UInt8(ascii: "/")
    }

    /// The matched form of a path that somebody wrote; nil if it has none.
    public static func of(_ path: String) -> String? {
        var resolved = Buffer(capacity: path.utf8.count + 1)
        var output = Buffer(capacity: path.utf8.count + 1)
        guard path.utf8.first == UInt8(ascii: "/"),
            path.withView({ DotSegments.resolve($0, into: &resolved) }),
            append(resolved.view, to: &output)
        else { return nil }
        return String(validating: (0..<output.count).map { output.view[$0] }, as: UTF8.self)
    }
}
