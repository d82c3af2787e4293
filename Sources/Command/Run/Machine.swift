import CSystem
import ConfigLanguage
import Glibc
import Kubernetes
import Wire

/// What the configuration language may ask of this machine.
enum Machine {
    /// The machine as it is, with the variables of this process.
    static func surroundings(_ environment: [String: String]) -> Surroundings {
        var machine = Surroundings(
            environment: environment, read: { read($0) }, resolve: { address(of: $0) })
        machine.isPattern = { RegularExpression($0) != nil }
        machine.isPasswordHash = { PasswordHash.isOne($0) }
        machine.certificateNames = { (try? CertifiedKey(chainPEM: $0, keyPEM: $0))?.subjectNames ?? [] }
        machine.isDigest = { MessageDigest(named: $0) != nil }
        machine.user = { getpwnam($0)?.pointee.pw_uid }
        machine.group = { getgrnam($0)?.pointee.gr_gid }
        machine.hostName = hostName
        return machine
    }

    /// Its name; of a pod the pod's.
    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        _ = gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A file's bytes (64 MiB at most), a folder's names, or why not.
    static func read(_ path: String) -> FileContent {
        if let names = names(in: path) { return .folder(names) }
        switch FileContents.read(path, upTo: 64) {
        case .success(let bytes): return .file(bytes)
        case .failure(let failure): return .unreadable(failure.description)
        }
    }

    private static func names(in path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The first address of a name, IPv4 before IPv6; waits for the answer.
    static func address(of name: String) -> String? {
        guard !name.isEmpty, name.utf8.count <= 254, !name.utf8.contains(0) else { return nil }
        for family in 0...1 {
            var text = [CChar](repeating: 0, count: 4_096)
            var seconds: UInt32 = 0
            guard csystem_resolve(name, Int32(family), 0, &text, text.count, &seconds) > 0 else { continue }
            let bytes = text.prefix { $0 != 0 && $0 != 0x20 }.map { UInt8(bitPattern: $0) }
            if !bytes.isEmpty { return String(decoding: bytes, as: UTF8.self) }
        }
        return nil
    }
}
