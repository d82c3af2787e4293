import Glibc

/// The service manager that has started this process, if it wants to be told (sd_notify(3)).
struct ServiceNotices: Sendable {
    private let path: String?

    init(_ environment: [String: String]) { path = environment["NOTIFY_SOCKET"] }

    /// Tells it; nothing happens without one.
    func tell(_ lines: String) {
        guard let path, path.utf8.count > 1, path.utf8.count < 108 else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        // A name of the abstract kind begins with a zero byte.
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        let offset = MemoryLayout<sa_family_t>.size
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let bytes = Array(lines.utf8)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, socklen_t(offset + name.count))
            }
        }
    }
}
