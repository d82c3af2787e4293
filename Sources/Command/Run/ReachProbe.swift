import Glibc
import Kubernetes
import Wire

/// Which pods are tried to find out whether pods can be reached from here, and the trying.
enum ReachProbe {
    /// A few are enough: they share a network.
    static let most = 6

    /// Ready endpoints that are pods with an address of their own. An address that several pods have is their node's, which may
    /// be reachable where pods are not.
    static func places(in slices: [EndpointSlice]) -> [SocketAddress] {
        var pods: [String: Set<String>] = [:]
        var ports: [String: Int] = [:]
        for slice in slices {
            guard let port = slice.ports.first(where: { $0.transport == "TCP" })?.port else { continue }
            for endpoint in slice.endpoints where endpoint.isReady && endpoint.targetKind == "Pod" {
                pods[endpoint.address, default: []].insert("\(slice.meta.namespace)/\(endpoint.targetName)")
                ports[endpoint.address] = ports[endpoint.address] ?? port
            }
        }
        let own = pods.filter { $0.value.count == 1 }.keys.sorted()
        return own.compactMap { address in
            ports[address].flatMap { SocketAddress(address, port: UInt16(clamping: $0)) }
        }.spread(over: most)
    }

    /// How many of them take a connection in time. Blocks that long at most.
    static func reachable(among places: [SocketAddress], milliseconds: Int32) -> Int {
        let deadline = Clock.now() &+ UInt64(milliseconds) &* 1_000_000
        var waiting = places.map { Socket.connect(to: $0) }.filter { $0 >= 0 }
        var count = 0
        while !waiting.isEmpty {
            let now = Clock.now()
            guard now < deadline else { break }
            var descriptors = waiting.map { pollfd(fd: $0, events: Int16(POLLOUT), revents: 0) }
            let left = Int32(clamping: (deadline &- now) / 1_000_000 + 1)
            guard poll(&descriptors, nfds_t(descriptors.count), left) > 0 else { continue }
            for descriptor in descriptors where descriptor.revents != 0 {
                if Socket.error(descriptor.fd) == 0 { count += 1 }
                Socket.close(descriptor.fd)
                waiting.removeAll { $0 == descriptor.fd }
            }
        }
        for descriptor in waiting { Socket.close(descriptor) }
        return count
    }
}

extension Array {
    /// So many of them at most, from all over.
    fileprivate func spread(over most: Int) -> [Element] {
        guard count > most else { return self }
        return (0..<most).map { self[$0 * count / most] }
    }
}
