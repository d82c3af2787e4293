import Synchronization

/// The name of a socket of this machine: a path, or a name outside of the file system. It is kept for as long as the process runs, so
/// that an address is a number; only configuration files name any.
final class LocalSocketName: Sendable {
    /// As it is written in a configuration: `unix@PATH`, `abns@NAME` or `abnsz@NAME`.
    let text: String
    /// The path, of one that has a file.
    let path: String?
    /// What the system is told: of names outside of the file system it begins with a zero.
    let bytes: [UInt8]
    /// Whether the rest of the room for names belongs to it, as zeros.
    let isFilled: Bool

    private static let known = Mutex<[String: LocalSocketName]>([:])

    /// The one of a text; nil if it is none, or too long for the system.
    static func named(_ text: String) -> LocalSocketName? {
        known.withLock { known in
            if let name = known[text] { return name }
            guard let name = LocalSocketName(text) else { return nil }
            known[text] = name
            return name
        }
    }

    private init?(_ text: String) {
        guard let at = text.firstIndex(of: "@") else { return nil }
        let bytes = Array(text[text.index(after: at)...].utf8)
        let kind = text[..<at]
        guard ["unix", "abns", "abnsz"].contains(kind), !bytes.isEmpty, !bytes.contains(0) else { return nil }
        // The room for names; paths end with a zero.
        guard bytes.count < 108 else { return nil }
        self.text = text
        path = kind == "unix" ? String(decoding: bytes, as: UTF8.self) : nil
        self.bytes = kind == "unix" ? bytes : [0] + bytes
        // HAProxy has always filled `abns` up.
        isFilled = kind != "abnsz"
    }
}
