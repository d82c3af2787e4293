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
        var path: [UInt8]
        var hash: UInt64
        var exact: CompiledRoute?
        var prefix: CompiledRoute?
    }

    private let entries: FixedArray<Entry?>
    private let hasExact: Bool
    private let mask: Int

    /// Prefixes are given without their trailing slash, the root prefix as `/`.
    init(_ routes: [(path: String, match: PathMatch, route: CompiledRoute)]) {
        var byPath: [String: Entry] = [:]
        for (path, match, route) in routes {
            let bytes = Array(path.utf8)
            var entry =
                byPath[path]
                ?? Entry(path: bytes, hash: bytes.withView { ByteHash.hash($0) }, exact: nil, prefix: nil)
            switch match {
            case .exact: entry.exact = entry.exact ?? route
            case .prefix: entry.prefix = entry.prefix ?? route
            }
            byPath[path] = entry
        }
        var size = 2
        while size < byPath.count * 2 { size *= 2 }
        var slots = [Entry?](repeating: nil, count: size)
        for entry in byPath.values {
            var slot = Int(truncatingIfNeeded: entry.hash) & (size - 1)
            while slots[slot] != nil { slot = (slot + 1) & (size - 1) }
            slots[slot] = entry
        }
        entries = FixedArray(count: size) { slots[$0] }
        mask = size - 1
        hasExact = routes.contains { $0.match == .exact }
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
        guard path.count > 0, path[0] == UInt8(ascii: "/") else { return nil }
        return find(path[0..<1], isExact: false)
    }

    private func find(_ path: ByteView, isExact: Bool) -> Unmanaged<CompiledRoute>? {
        let hash = ByteHash.hash(path)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while let entry = entries[slot] {
            if entry.hash == hash, entry.path.withView({ $0.equals(path) }) {
                return (isExact ? entry.exact : entry.prefix).map { Unmanaged.passUnretained($0) }
            }
            slot = (slot + 1) & mask
        }
        return nil
    }
}
