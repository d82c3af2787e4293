import Glibc

/// Files that are read whole: configuration, credentials, manifests.
public enum FileContents {
    /// The whole file, or why not; of more than `mebibytes` MiB nothing: `/dev/zero` must not fill the memory.
    public static func read(_ path: String, upTo mebibytes: Int) -> Result<[UInt8], FileFailure> {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .failure(FileFailure(errno)) }
        defer { close(file) }
        var contents = [UInt8]()
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while contents.count <= mebibytes << 20 {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return .failure(FileFailure(errno)) }
            guard count > 0 else { return .success(contents) }
            contents += piece[..<count]
        }
        return .failure(FileFailure(EFBIG, limit: mebibytes))
    }

    /// The whole file, if it is no larger than any kubeconfig or bundle of authorities.
    static func read(_ path: String) -> Result<[UInt8], FileFailure> { read(path, upTo: 4) }
}

/// Why a file could not be read.
public struct FileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    let number: Int32
    /// In MiB, if the file has more.
    private let limit: Int?

    init(_ number: Int32, limit: Int? = nil) {
        self.number = number
        self.limit = limit
    }

    var isMissing: Bool { number == ENOENT || number == ENOTDIR }

    /// The system's reason, or the limit.
    public var description: String {
        limit.map { "larger than \($0) MiB" } ?? String(cString: strerror(number))
    }
}
