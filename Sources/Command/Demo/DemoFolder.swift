import Glibc

/// A temporary folder with files the user may look at and change, removed at the end.
struct DemoFolder: Sendable {
    let path: String

    /// Makes the folder, readable by this user only; nil with the system's reason if there is no place for it.
    static func make() -> Result<DemoFolder, SystemError> {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/sluice-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return .failure(SystemError(subject: parent, code: errno)) }
        let bytes = template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return .success(DemoFolder(path: String(decoding: bytes, as: UTF8.self)))
    }

    /// Writes a file, as text.
    func write(_ name: String, _ text: String) -> SystemError? {
        guard let file = fopen("\(path)/\(name)", "we") else {
            return SystemError(subject: name, code: errno)
        }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        return fclose(file) == 0 && written == bytes.count ? nil : SystemError(subject: name, code: errno)
    }

    /// Makes a folder inside.
    func makeFolder(_ name: String) -> DemoFolder? {
        let inner = "\(path)/\(name)"
        return mkdir(inner, 0o700) == 0 ? DemoFolder(path: inner) : nil
    }

    /// Removes the files the demo has made and then the folder, unless the user has put something there.
    func remove(_ names: [String]) {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}

/// A call of the system that failed.
struct SystemError: Error, Equatable, CustomStringConvertible {
    let subject: String
    let code: Int32

    var description: String { "\(subject): \(String(cString: strerror(code)))" }
}
