import Glibc

/// A folder of its own that goes with the value.
final class ScratchFolder {
    let path: String

    init() {
        var template = Array("/tmp/sluice-tests-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }

    deinit { remove(path) }

    /// Writes a file as an editor does that saves by renaming, so that it is another inode each time.
    func write(_ name: String, _ text: String) {
        let draft = "\(path)/.draft"
        guard let file = fopen(draft, "w") else { return }
        fputs(text, file)
        fclose(file)
        rename(draft, "\(path)/\(name)")
    }

    func makeFolder(_ name: String) { mkdir("\(path)/\(name)", 0o755) }

    func delete(_ name: String) { remove("\(path)/\(name)") }

    private func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(folder)
        }
        _ = Glibc.remove(path)
    }
}
