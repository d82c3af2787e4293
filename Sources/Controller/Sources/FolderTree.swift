import Glibc
import Kubernetes

/// The manifest files below some folders, as they are now.
struct FolderTree {
    /// A file and what tells whether it has changed: a rename-save changes the inode, an edit the time or the size.
    struct File: Equatable {
        var path: String
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int64
        var nanoseconds: Int64
    }

    /// In the order in which they count: of two objects with one name the first file's is used.
    private(set) var files: [File] = []
    /// All folders, to be watched.
    private(set) var folders: [String] = []
    /// Paths that could not be read, with the system's reason.
    private(set) var unreadable: [(path: String, reason: String)] = []

    /// Device and inode of each file.
    private var seen: Set<[UInt64]> = []

    private static let deepest = 16

    /// Walks `paths`: folders in depth, files as they are named whatever their ending.
    init(of paths: [String]) {
        for path in paths { visit(path, depth: 0, isNamed: true) }
        files.sort { $0.path < $1.path }
    }

    private mutating func visit(_ path: String, depth: Int, isNamed: Bool) {
        var info = stat()
        guard stat(path, &info) == 0 else {
            unreadable.append((path, String(cString: strerror(errno))))
            return
        }
        if info.st_mode & S_IFMT == S_IFDIR {
            if depth <= FolderTree.deepest { visitFolder(path, depth: depth) }
            return
        }
        guard isNamed || FolderTree.isManifest(path) else { return }
        files.append(
            File(
                path: path, device: UInt64(info.st_dev), inode: UInt64(info.st_ino),
                size: Int64(info.st_size),
                seconds: Int64(info.st_mtim.tv_sec), nanoseconds: Int64(info.st_mtim.tv_nsec)))
    }

    private mutating func visitFolder(_ path: String, depth: Int) {
        guard let folder = opendir(path) else {
            unreadable.append((path, String(cString: strerror(errno))))
            return
        }
        defer { closedir(folder) }
        folders.append(path)
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Hidden entries: editors' drafts, and the `..data` folders behind a mounted ConfigMap's links.
            guard !name.hasPrefix(".") else { continue }
            visit(path.hasSuffix("/") ? path + name : "\(path)/\(name)", depth: depth + 1, isNamed: false)
        }
    }

    private static func isManifest(_ path: String) -> Bool {
        [".yaml", ".yml", ".json"].contains { path.hasSuffix($0) }
    }

    /// A file's bytes, 64 MiB at most.
    static func read(_ path: String) -> Result<[UInt8], FileFailure> { FileContents.read(path, upTo: 64) }
}
