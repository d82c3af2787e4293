import Basics
import COpenSSL

/// Passwords as `htpasswd` keeps them where crypt(3) does not know how: `$apr1$…`, `{SHA}…`, `{SSHA}…` and `{PLAIN}…`.
enum ApachePassword {
    /// Whether a password is the one a text was made of; nil if the text is of none of these kinds.
    static func matches(_ password: ByteView, _ text: String) -> Bool? {
        if let rest = rest(of: text, behind: "$apr1$") { return isSame(apr1(password.bytes, rest), text) }
        if let rest = rest(of: text, behind: "{SHA}") {
            return isSame(digest(EVP_sha1(), password.bytes).map { Base64.encode($0) }, String(rest))
        }
        if let rest = rest(of: text, behind: "{SSHA}") { return isSalted(password.bytes, rest) }
        return rest(of: text, behind: "{PLAIN}").map { isSame(password.bytes, Array($0.utf8)) }
    }

    private static func rest(of text: String, behind prefix: String) -> Substring? {
        text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : nil
    }

    /// Base64 of the digest of password and salt, and the salt behind it.
    private static func isSalted(_ password: [UInt8], _ text: Substring) -> Bool {
        guard let kept = Base64.decode(String(text)), kept.count >= 20,
            let made = digest(EVP_sha1(), password + kept[20...])
        else { return false }
        return isSame(made, Array(kept[..<20]))
    }

    /// What Apache's MD5 makes of a password, with the salt that stands before the next `$`; 8 bytes of it count.
    private static func apr1(_ password: [UInt8], _ text: Substring) -> String? {
        let salt = text.prefix { $0 != "$" }.utf8.prefix(8)
        let salted = password + salt
        guard let inner = digest(EVP_md5(), salted + password) else { return nil }
        var first = password + Array("$apr1$".utf8) + salt
        for start in stride(from: 0, to: password.count, by: 16) {
            first += inner.prefix(password.count - start)
        }
        var bits = password.count
        while bits > 0 {
            first.append(bits & 1 == 1 ? 0 : password[0])
            bits >>= 1
        }
        guard var made = digest(EVP_md5(), first) else { return nil }
        for round in 0..<1_000 {
            var next = round & 1 == 1 ? password : made
            if round % 3 != 0 { next += salt }
            if round % 7 != 0 { next += password }
            next += round & 1 == 1 ? made : password
            guard let digest = digest(EVP_md5(), next) else { return nil }
            made = digest
        }
        return "$apr1$\(String(decoding: Array(salt), as: UTF8.self))$\(letters(of: made))"
    }

    /// crypt(3)'s letters of an MD5 digest, in its order.
    private static func letters(of digest: [UInt8]) -> String {
        let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        let groups = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]]
        var text: [UInt8] = []
        for group in groups {
            var bits = group.reduce(0) { $0 << 8 | Int(digest[$1]) }
            for _ in 0...group.count {
                text.append(alphabet[bits & 63])
                bits >>= 6
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil where the library does not offer the function.
    private static func digest(_ function: OpaquePointer?, _ bytes: [UInt8]) -> [UInt8]? {
        var count: UInt32 = 0
        let made = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { digest, size in
            if EVP_Digest(bytes, bytes.count, digest.baseAddress, &count, function, nil) != 1 { count = 0 }
            size = Int(count)
        }
        return made.isEmpty ? nil : made
    }

    private static func isSame(_ made: String?, _ kept: String) -> Bool {
        made.map { isSame(Array($0.utf8), Array(kept.utf8)) } ?? false
    }

    /// Looks at every byte, so that the time taken tells nothing.
    private static func isSame(_ made: [UInt8], _ kept: [UInt8]) -> Bool {
        made.count == kept.count && zip(made, kept).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
