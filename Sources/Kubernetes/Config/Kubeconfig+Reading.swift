extension Kubeconfig {
    /// Reads one file's JSON.
    init(reading contents: [UInt8], path: String) throws(ClusterError) {
        let directory =
            path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
        do { try self.init(decoding: contents, directory: directory) } catch {
            throw .malformed(path: path, reason: "\(error)")
        }
    }
}
