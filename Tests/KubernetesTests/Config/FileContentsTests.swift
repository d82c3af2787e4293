import Glibc
import Testing

@testable import Kubernetes

@Suite("Files that are read whole")
final class FileContentsTests {
    private let path: String

    init() {
        path = "/tmp/sluice-file-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    }

    deinit { unlink(path) }

    private func write(_ bytes: [UInt8]) throws {
        let file = try #require(fopen(path, "we"))
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    @Test("all of a file comes, whatever pieces it is read in", arguments: [0, 1, 65_536, 65_537, 200_000])
    func whole(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
        try write(bytes)
        #expect(try FileContents.read(path, upTo: 1).get() == bytes)
    }

    @Test("a file as large as the limit comes, one byte more is told in its place")
    func limit() throws {
        try write([])
        truncate(path, 1 << 20)
        #expect(try FileContents.read(path, upTo: 1).get().count == 1 << 20)
        truncate(path, (1 << 20) + 1)
        #expect(failure(path, upTo: 1)?.description == "larger than 1 MiB")
        #expect(failure(path, upTo: 2) == nil)
    }

    @Test("a file without an end does not fill the memory")
    func endless() {
        #expect(failure("/dev/zero", upTo: 1)?.description == "larger than 1 MiB")
    }

    @Test("what can not be read is told in the system's words")
    func unreadable() throws {
        let missing = try #require(failure("/nowhere/at/all", upTo: 1))
        #expect(missing.isMissing && missing.description == "No such file or directory")
        let folder = try #require(failure("/tmp", upTo: 1))
        #expect(!folder.isMissing && folder.description == "Is a directory")
    }

    private func failure(_ path: String, upTo mebibytes: Int) -> FileFailure? {
        guard case .failure(let failure) = FileContents.read(path, upTo: mebibytes) else { return nil }
        return failure
    }
}
