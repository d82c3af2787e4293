import Glibc

/// Addresses of sockets of this machine: those of servers and listeners have a name, those of clients have none.
extension SocketAddress {
    /// A socket that is named as in a configuration: `unix@PATH`, `abns@NAME` or `abnsz@NAME`; nil if it is not. The name is kept for
    /// ever: not for what peers say.
    public init?(local text: String) {
        guard let name = LocalSocketName.named(text) else { return nil }
        self.init(localName: UInt64(UInt(bitPattern: Unmanaged.passUnretained(name).toOpaque())))
    }

    /// Its name; nil for a client, and for what is no such socket.
    var localName: LocalSocketName? {
        guard isLocal, let place = UnsafeRawPointer(bitPattern: UInt(high)) else { return nil }
        // Names are never freed.
        return Unmanaged<LocalSocketName>.fromOpaque(place).takeUnretainedValue()
    }

    /// A name in the system's form.
    static func storage(of name: LocalSocketName) -> (sockaddr_storage, socklen_t) {
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: name.bytes) }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { to in withUnsafeBytes(of: target) { to.copyBytes(from: $0) } }
        let family = MemoryLayout<sa_family_t>.size
        let count = name.isFilled ? MemoryLayout<sockaddr_un>.size : family + name.bytes.count
        return (storage, socklen_t(count))
    }

    /// AF_INET, AF_INET6 or AF_UNIX.
    var family: Int32 { isLocal ? AF_UNIX : isV6 ? AF_INET6 : AF_INET }

    /// In text form; a client's port is the number of the listener that it came in by.
    func localDescription(withPort: Bool) -> String {
        guard withPort else { return "unix" }
        return localName?.text ?? "unix:\(port)"
    }
}
