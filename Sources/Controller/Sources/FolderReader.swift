public import Kubernetes
public import Model

/// Reads folders of manifests again and again, parsing only files that have changed.
///
/// A file that no longer parses keeps what its last good version said, and is reported with file and line.
public struct FolderReader {
    private let paths: [String]
    private let secrets: [Secret]
    private var files: [String: ReadFile] = [:]
    private(set) var contents: FolderContents?
    /// All folders there are, to be watched.
    private(set) var folders: [String] = []
    /// What is wrong with the files themselves.
    public private(set) var diagnostics: [Diagnostic] = []

    private struct ReadFile {
        var file: FolderTree.File
        var objects: [ManifestObject]
        var problems: [Diagnostic]
    }

    /// Where each object stands, by `Kind namespace/name`.
    var places: [String: SourceLocation] { contents?.places ?? [:] }

    /// A reader of folders and files; `secrets` exist beside them, in memory only.
    public init(_ paths: [String], adding secrets: [Secret] = []) {
        self.paths = paths
        self.secrets = secrets
    }

    /// Reads what has changed and answers what a pipeline must be told.
    public mutating func read(at now: UInt64) -> [StateUpdate] {
        let tree = FolderTree(of: paths)
        folders = tree.folders
        var read: [String: ReadFile] = [:]
        for file in tree.files { read[file.path] = self.read(file) }
        files = read
        let next = FolderContents(tree.files.map { ($0.path, read[$0.path]?.objects ?? []) }, adding: secrets)
        let updates = next.updates(from: contents, receivedAt: now)
        contents = next
        diagnostics = tree.unreadable.map { FolderReader.unreadable($0.path, $0.reason) }
        diagnostics += tree.files.flatMap { read[$0.path]?.problems ?? [] } + next.diagnostics
        return updates
    }

    private func read(_ file: FolderTree.File) -> ReadFile {
        let known = files[file.path]
        if let known, known.file == file { return known }
        switch FolderTree.read(file.path) {
        case .failure(let failure):
            return ReadFile(
                file: file, objects: known?.objects ?? [],
                problems: [FolderReader.unreadable(file.path, failure.description)])
        case .success(let bytes):
            let parsed = ManifestFile(reading: bytes, name: file.path)
            let problems = parsed.problems.map { problem in
                Diagnostic(
                    .error, kind: "", object: Origin(namespace: "", name: ""), reason: "ManifestInvalid",
                    message: problem.message, location: SourceLocation(file: file.path, line: problem.line))
            }
            // Half a file is not what its author meant: the whole last good version stays.
            let keepsOld = !problems.isEmpty && known != nil
            return ReadFile(
                file: file, objects: keepsOld ? known?.objects ?? [] : parsed.objects, problems: problems)
        }
    }

    private static func unreadable(_ path: String, _ reason: String) -> Diagnostic {
        Diagnostic(
            .error, kind: "", object: Origin(namespace: "", name: ""), reason: "FileUnreadable",
            message: reason,
            location: SourceLocation(file: path, line: 1))
    }
}
