import Glibc
import Synchronization

/// A DNS server on 127.0.0.1 that knows some names. Each answer starts with an alias, as load balancers' names do.
final class NameServer: Sendable {
    enum Entry: Sendable {
        case addresses(v4: [[UInt8]], v6: [[UInt8]] = [], seconds: UInt32)
        case absent
        case broken
        case garbage
        /// No answer at all.
        case silent
    }

    let port: UInt16
    private let descriptor: Int32
    private let entries: Mutex<[String: Entry]>

    init(_ entries: [String: Entry]) throws {
        self.entries = Mutex(entries)
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isBound else { throw Failure.notBound }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    enum Failure: Error { case notBound }

    func set(_ entry: Entry, for name: String) { entries.withLock { $0[name] = entry } }

    /// Answers until an empty datagram comes.
    func serve() {
        var query = [UInt8](repeating: 0, count: 512)
        while true {
            var sender = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &query, query.count, 0, $0, &length)
                }
            }
            guard count > 12 else { break }
            let reply = answer(Array(query[..<count]))
            guard !reply.isEmpty else { continue }
            _ = withUnsafeMutablePointer(to: &sender) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, reply, reply.count, 0, $0, length)
                }
            }
        }
        close(descriptor)
    }

    func stop() {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001).bigEndian)
        address.sin_port = port.bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, "", 0, 0, $0, length)
            }
        }
    }

    private func answer(_ query: [UInt8]) -> [UInt8] {
        var name = ""
        var offset = 12
        while offset < query.count, query[offset] > 0 {
            let label = query[(offset + 1)...].prefix(Int(query[offset]))
            name += (name.isEmpty ? "" : ".") + String(decoding: label, as: UTF8.self)
            offset += 1 + label.count
        }
        let question = Array(query[12..<min(offset + 5, query.count)])
        let isV6 = query[offset + 2] == 28
        switch entries.withLock({ $0[name] }) ?? .absent {
        case .absent: return Array(query[..<2]) + [0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0] + question
        case .broken: return Array(query[..<2]) + [0x81, 0x82, 0, 1, 0, 0, 0, 0, 0, 0] + question
        case .silent: return []
        case .garbage:
            return Array(query[..<2]) + [0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0] + question + [0xC0, 0x0C, 0, 1]
        case .addresses(let v4, let v6, let seconds):
            return found(isV6 ? v6 : v4, type: isV6 ? 28 : 1, seconds, query, question)
        }
    }

    private func found(
        _ addresses: [[UInt8]], type: UInt8, _ seconds: UInt32, _ query: [UInt8], _ question: [UInt8]
    ) -> [UInt8] {
        let time = (0..<4).map { UInt8(truncatingIfNeeded: seconds >> (24 - 8 * UInt32($0))) }
        var reply: [UInt8] = Array(query[..<2])
        reply += [0x81, 0x80, 0, 1, 0, UInt8(addresses.count + 1), 0, 0, 0, 0] as [UInt8]
        reply += question
        // The alias: CNAME of the name to itself, an hour.
        reply += [0xC0, 0x0C, 0, 5, 0, 1, 0, 0, 0x0E, 0x10, 0, 2, 0xC0, 0x0C] as [UInt8]
        for address in addresses {
            reply += [0xC0, 0x0C, 0, type, 0, 1] as [UInt8]
            reply += time
            reply += [0, UInt8(address.count)] as [UInt8]
            reply += address
        }
        return reply
    }
}
