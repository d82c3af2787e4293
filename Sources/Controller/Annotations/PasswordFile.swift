import Basics
import Model

/// Who may come in, as Secrets hold it. Reading is total: what is no entry is nobody.
enum PasswordFile {
    /// Lines of `htpasswd`: `name:hash`, and perhaps a colon and more behind it. Empty lines and those that begin with `#` are
    /// passed over.
    static func users(_ file: [UInt8]) -> [UserList.User] {
        file.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.compactMap { line in
            let parts = line.split(
                separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, line.first != UInt8(ascii: "#") else { return nil }
            return user(parts[0], parts[1])
        }
    }

    /// A user's name and hash for each key.
    static func users(_ map: [String: [UInt8]]) -> [UserList.User] {
        map.sorted { $0.key < $1.key }.compactMap { user(ArraySlice($0.key.utf8), ArraySlice($0.value)) }
    }

    private static func user(_ name: ArraySlice<UInt8>, _ hash: ArraySlice<UInt8>) -> UserList.User? {
        let text = SettingText.trimmed(String(decoding: hash, as: UTF8.self))
        guard !name.isEmpty, !text.isEmpty else { return nil }
        return UserList.User(String(decoding: name, as: UTF8.self), .hashed(text))
    }
}
