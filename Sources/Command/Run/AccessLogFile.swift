import Engine
import Glibc

/// Where access log lines go.
enum AccessLogFile {
    /// The descriptor for a choice; nil for none. A file is appended to, and made if it is missing.
    static func open(_ choice: AccessLogChoice) throws(StartError) -> Int32? {
        switch choice {
        case .off: return nil
        case .stdout: return STDOUT_FILENO
        case .file(let path):
            let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else {
                throw StartError("--access-log \(path): \(String(cString: strerror(errno)))", code: errno)
            }
            return descriptor
        }
    }
}
