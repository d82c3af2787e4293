import Basics
import Model
import Wire

/// A target that takes one datagram for each line.
final class DatagramTarget {
    private let socket: DatagramSocket?

    /// A target that has no socket takes nothing.
    init(_ address: LogAddress) {
        switch address {
        case .udp(let host, let port):
            socket = SocketAddress(host, port: port).flatMap { DatagramSocket(to: $0) }
        case .unixDatagram(let path): socket = DatagramSocket(path: path)
        case .descriptor, .ring: socket = nil
        }
    }

    /// Sends a line; false if it was lost.
    func send(_ line: ByteView) -> Bool { socket?.send(line) ?? false }
}
