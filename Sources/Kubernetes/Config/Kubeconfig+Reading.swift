import Basics

extension Kubeconfig {
    /// Reads one file; relative paths in it begin at its folder.
    init(reading contents: [UInt8], path: String) throws(ClusterError) {
        let text: ManifestText
        do throws(YAMLError) {
            text = ManifestText(try YAMLNode(parsing: contents))
        } catch {
            throw .malformed(path: path, reason: "\(error)")
        }
        do throws(JSONError) {
            try self.init(decoding: text.bytes, directory: Self.directory(of: path))
        } catch {
            let field = JSONPath.of(error.offset, in: text.bytes.span)
            let place = field.isEmpty ? "" : "\(field): "
            throw .malformed(
                path: path, reason: "line \(text.line(at: error.offset)): \(place)\(error.reason)")
        }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
