public import Basics
import CSystem

/// Passwords as crypt(3) keeps them, and `htpasswd` where that does not know how.
public enum PasswordHash {
    /// Whether a password is the one a hash was made of. Takes milliseconds: who asks often remembers what was right.
    public static func matches(_ password: ByteView, _ hash: String) -> Bool {
        if let matches = ApachePassword.matches(password, hash) { return matches }
        return password.withPointer { start, count in
            start.withMemoryRebound(to: CChar.self, capacity: count) {
                cs_password_matches($0, count, hash) == 1
            }
        }
    }

    /// Whether a text is a hash of a kind that crypt(3) knows here. Takes as long.
    public static func isOne(_ text: String) -> Bool { cs_is_password_hash(text) == 1 }
}
