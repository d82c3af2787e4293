import Basics
import Model

/// The paths of one host: one table keyed by path, asked for the request's path and then for each of its prefixes.
///
/// ```
///   /a/b/c   exact "/a/b/c"?  prefix "/a/b/c"?  "/a/b"?  "/a"?  "/"?
/// ```
/// So a request costs one probe per path element, however many paths the host has. An exact match is as long as the request's
/// path, hence never shorter than any prefix: it wins over all.
final class PathTable: Sendable {
    private struct Entry {
        var hash: UInt64
        /// Where the path stands in `bytes`; a count of 0 is a free place, as no path is empty.
        var start: Int
        var count: Int
        var exact: Unmanaged<CompiledRoute>?
        var prefix: Unmanaged<CompiledRoute>?
    }

    private let entries: FixedArray<Entry>
    /// All paths, one behind the other.
    private let bytes: FixedArray<UInt8>
    /// Keeps the routes alive.
    private let owned: [CompiledRoute]
    private let hasExact: Bool
    /// Those that are regular expressions; nil is none.
    let expressions: ExpressionRoutes?
    private let mask: Int
    /// Which lengths the paths have, one bit each, the last for 63 and more: a prefix of another length is not looked
    /// for, which saves most requests their first probe (100 instructions).
    private let lengths: UInt64
    /// The route of the prefix `/`, where most lookups end.
    private let root: Unmanaged<CompiledRoute>?

    /// Prefixes are given without their trailing slash, the root prefix as `/`.
    init(_ routes: [(path: String, match: PathMatch, route: CompiledRoute)]) {
        var byPath: [String: Entry] = [:]
        var text = ""
        expressions = ExpressionRoutes(routes.filter { $0.match == .expression }.map { ($0.path, $0.route) })
        for (path, match, route) in routes where !path.isEmpty && match != .expression {
            var entry =
                byPath[path]
                ?? Entry(
                    hash: path.withView { ByteHash.hash($0) }, start: text.utf8.count, count: path.utf8.count,
                    exact: nil, prefix: nil)
            if byPath[path] == nil { text += path }
            switch match {
            case .exact: entry.exact = entry.exact ?? Unmanaged.passUnretained(route)
            case .prefix: entry.prefix = entry.prefix ?? Unmanaged.passUnretained(route)
            case .expression: break
            }
            byPath[path] = entry
        }
        var size = 2
        while size < byPath.count * 2 { size *= 2 }
        let free = Entry(hash: 0, start: 0, count: 0, exact: nil, prefix: nil)
        var slots = [Entry](repeating: free, count: size)
        for entry in byPath.values {
            var slot = Int(truncatingIfNeeded: entry.hash) & (size - 1)
            while slots[slot].count > 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = entry
        }
        entries = FixedArray(count: size) { slots[$0] }
        lengths = byPath.values.reduce(0) { $0 | PathTable.bit(of: $1.count) }
        bytes = FixedArray(text)
        owned = routes.map(\.route)
        mask = size - 1
        hasExact = routes.contains { $0.match == .exact }
        root = byPath["/"]?.prefix
    }

    /// The best match for a path without query; nil if none matches.
    func route(for path: ByteView) -> Unmanaged<CompiledRoute>? {
        if hasExact, let found = find(path, isExact: true) { return found }
        var end = path.count
        if end > 1, path[end - 1] == UInt8(ascii: "/") { end -= 1 }
        while end > 1 {
            if let found = find(path[0..<end], isExact: false) { return found }
            end = path[0..<end].lastIndex(of: UInt8(ascii: "/")) ?? 0
        }
        return path.count > 0 && path[0] == UInt8(ascii: "/") ? root : nil
    }

    /// The same of a host that has regular expressions too.
    func route(for path: ByteView, _ workspace: inout SampleWorkspace) -> Unmanaged<CompiledRoute>? {
        guard let expressions else { return route(for: path) }
        if hasExact, let found = find(path, isExact: true) { return found }
        return expressions.route(for: path, &workspace) ?? route(for: path)
    }

    private static func bit(of length: Int) -> UInt64 { 1 << UInt64(min(length, 63)) }

    private func find(_ path: ByteView, isExact: Bool) -> Unmanaged<CompiledRoute>? {
        guard lengths & PathTable.bit(of: path.count) != 0 else { return nil }
        let hash = ByteHash.hash(path)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while entries[slot].count > 0 {
            let entry = entries[slot]
            if entry.hash == hash, bytes.view[entry.start..<entry.start + entry.count].equals(path) {
                return isExact ? entry.exact : entry.prefix
            }
            slot = (slot + 1) & mask
        }
        return nil
    }
}
