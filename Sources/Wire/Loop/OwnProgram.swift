import CSystem
import Glibc

/// This program as another process of its own.
public enum OwnProgram {
    /// Why it could not be started.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        /// The system's error number.
        public let code: Int32
        /// The system's sentence for it.
        public var description: String { String(cString: strerror(code)) }
    }

    /// Starts it with these words (its name first) and this environment. It has what is open here and not closed by exec, and
    /// `keeping` too; no signal is blocked. Answers its number.
    public static func start(
        _ words: [String], _ environment: [String: String], keeping: [Int32], leavesSession: Bool
    ) -> Result<Int32, Failure> {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child: pid_t = 0
        let error = csystem_spawn_self(
            &arguments, &variables, keeping, Int32(keeping.count), leavesSession ? 1 : 0, &child)
        return error == 0 ? .success(child) : .failure(Failure(code: error))
    }
}
