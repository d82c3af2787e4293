import Glibc

/// Small files that hold configuration and credentials.
enum FileContents {
    /// Larger than any kubeconfig or bundle of authorities; `/dev/zero` must not fill the memory.
    private static let limit = 4 << 20

    /// The whole file, or the error number that kept it.
    static func read(_ path: String) -> Result<[UInt8], FileFailure> {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .failure(FileFailure(errno)) }
        defer { close(file) }
        var contents = [UInt8]()
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while contents.count <= limit {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return .failure(FileFailure(errno)) }
            guard count > 0 else { return .success(contents) }
            contents += piece[..<count]
        }
        return .failure(FileFailure(EFBIG))
    }
}

/// Why a file could not be read.
struct FileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    var isMissing: Bool { number == ENOENT || number == ENOTDIR }
    var description: String { String(cString: strerror(number)) }
}
