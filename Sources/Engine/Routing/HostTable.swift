import Basics
import Model

/// The routes of one host, ready for requests. Shared by all tables that hold the host unchanged.
final class CompiledHost: Sendable {
    let pattern: HostPattern
    let name: FixedArray<UInt8>
    let hash: UInt64
    let isWildcard: Bool
    let paths: PathTable
    /// In tables of guards: what the host demands of its clients' certificates.
    let clientGuard: ClientGuard?

    init(_ pattern: HostPattern, paths: PathTable, clientGuard: ClientGuard? = nil) {
        self.clientGuard = clientGuard
        self.pattern = pattern
        self.paths = paths
        let text =
            switch pattern {
            case .exact(let name), .wildcard(let name): name
            case .any: ""
            }
        name = FixedArray(text)
        if case .wildcard = pattern { isWildcard = true } else { isWildcard = false }
        hash = HostTable.hash(ByteHash.hash(name.view, foldingCase: true), isWildcard: isWildcard)
    }
}

/// All hosts in one open-addressed table; the next table is a copy with one host changed.
///
/// Copying 10,000 hosts is 512 KiB of memory and 10,000 retains, about 0.1 ms, on the publishing thread; a lookup is
/// one or two probes whatever the number of hosts.
final class HostTable: Sendable {
    private let slots: FixedArray<Slot>
    private let mask: Int
    /// How many hosts there are, the catch-all not counted.
    let count: Int
    /// The host for requests that match no other.
    let any: Unmanaged<CompiledHost>?
    /// Keeps the hosts alive.
    private let owned: [CompiledHost]

    private struct Slot {
        var host: Unmanaged<CompiledHost>?
    }

    /// A table of the given hosts, which are distinct.
    init(_ hosts: some Collection<CompiledHost>) {
        var size = 8
        while size < hosts.count * 2 { size *= 2 }
        var built = [Slot](repeating: Slot(host: nil), count: size)
        var any: Unmanaged<CompiledHost>?
        var count = 0
        for host in hosts {
            if case .any = host.pattern {
                any = Unmanaged.passUnretained(host)
                continue
            }
            count += 1
            var slot = Int(truncatingIfNeeded: host.hash) & (size - 1)
            while built[slot].host != nil { slot = (slot + 1) & (size - 1) }
            built[slot] = Slot(host: Unmanaged.passUnretained(host))
        }
        slots = FixedArray(count: size) { built[$0] }
        mask = size - 1
        self.count = count
        self.any = any
        owned = Array(hosts)
    }

    static func hash(_ name: UInt64, isWildcard: Bool) -> UInt64 { isWildcard ? ~name : name }

    /// The host for a name without port: exact, then wildcard by one label, then the catch-all.
    func host(for name: ByteView) -> Unmanaged<CompiledHost>? {
        if let found = find(name, isWildcard: false) { return found }
        if let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0,
            let found = find(name[dot + 1..<name.count], isWildcard: true)
        {
            return found
        }
        return any
    }

    private func find(_ name: ByteView, isWildcard: Bool) -> Unmanaged<CompiledHost>? {
        guard count > 0 else { return nil }
        let hash = HostTable.hash(ByteHash.hash(name, foldingCase: true), isWildcard: isWildcard)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while let host = slots[slot].host {
            let isSame = host._withUnsafeGuaranteedRef {
                $0.hash == hash && $0.isWildcard == isWildcard && name.equalsIgnoringCase($0.name.view)
            }
            if isSame { return host }
            slot = (slot + 1) & mask
        }
        return nil
    }
}
