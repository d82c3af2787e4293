/// Names places in a JSON text the way Kubernetes names fields: `spec.rules[0].http.paths`.
///
/// Reading carries no path along: only when an error is reported is the text walked once more up to its offset.
public enum JSONPath {
    /// The path of the innermost value that holds the byte at `offset`; empty for the whole text.
    public static func of(_ offset: Int, in bytes: Span<UInt8>) -> String {
        var path = ""
        var reader = JSONReader(bytes)
        while let step = step(towards: offset, &reader) {
            if !path.isEmpty, !step.hasPrefix("[") { path += "." }
            path += step
        }
        return path
    }

    /// Moves the reader to the child that holds `offset`; nil when that is no child's.
    private static func step(towards offset: Int, _ reader: inout JSONReader) -> String? {
        switch try? reader.nextKind() {
        case .object: keyStep(towards: offset, &reader)
        case .list: elementStep(towards: offset, &reader)
        default: nil
        }
    }

    private static func keyStep(towards offset: Int, _ reader: inout JSONReader) -> String? {
        do throws(JSONError) {
            try reader.openObject()
            while let key = try reader.nextKey() {
                guard reader.isValue(holding: offset) else {
                    try reader.skipValue()
                    continue
                }
                let name = try key.string()
                let isPlain = name.utf8.allSatisfy { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "/") }
                return isPlain ? name : "[\(name)]"
            }
        } catch {}
        return nil
    }

    private static func elementStep(towards offset: Int, _ reader: inout JSONReader) -> String? {
        var index = 0
        do throws(JSONError) {
            try reader.openList()
            while try reader.nextElement() {
                if reader.isValue(holding: offset) { return "[\(index)]" }
                try reader.skipValue()
                index &+= 1
            }
        } catch {}
        return nil
    }
}

extension JSONReader {
    /// Whether the next value holds the byte at `target`, or cannot be passed because it is broken.
    fileprivate func isValue(holding target: Int) -> Bool {
        var copy = self
        guard (try? copy.nextKind()) != nil, copy.offset <= target else { return false }
        return (try? copy.skipValue()) == nil || target < copy.offset
    }
}
