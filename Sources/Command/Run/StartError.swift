/// Why a process cannot start, in one line. Exit code 1.
struct StartError: Error, Equatable, CustomStringConvertible {
    let description: String
    /// The system's error number, if a call of the system failed.
    let code: Int32

    init(_ description: String, code: Int32 = 0) {
        self.description = description
        self.code = code
    }
}
