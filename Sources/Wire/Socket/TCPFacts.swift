import CSystem
import Glibc

/// What the kernel knows of a TCP connection at a moment.
public struct TCPFacts: Sendable, Equatable {
    /// How long a round trip takes, and how much that differs, in microseconds.
    public var (roundTrip, variation): (UInt32, UInt32)
    /// Segments on their way, and those of them that were confirmed out of order or sent again.
    public var (unacknowledged, selectivelyAcknowledged, retransmitted): (UInt32, UInt32, UInt32)
    /// Segments confirmed beyond a gap, those held to be lost, and how far order may be disturbed.
    public var (forwardAcknowledged, lost, reordering): (UInt32, UInt32, UInt32)

    /// Of a descriptor; nil if it is no TCP connection.
    public init?(_ descriptor: Int32) {
        var info = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0 else { return nil }
        (roundTrip, variation) = (info.tcpi_rtt, info.tcpi_rttvar)
        (unacknowledged, selectivelyAcknowledged) = (info.tcpi_unacked, info.tcpi_sacked)
        retransmitted = info.tcpi_retrans
        (forwardAcknowledged, lost, reordering) = (info.tcpi_fackets, info.tcpi_lost, info.tcpi_reordering)
    }
}
