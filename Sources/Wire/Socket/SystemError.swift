import Glibc

/// The system's words for its error numbers.
public enum SystemError {
    /// The sentence for an error number.
    public static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
