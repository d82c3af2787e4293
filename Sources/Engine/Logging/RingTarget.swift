import Basics
import Glibc
import Model
import Wire

/// A bounded row of lines and the connections that they are sent over. Each connection goes on where it was; who is too slow, or not
/// there, loses the oldest lines.
///
/// ```
///   first              cursor of one server        end
///     │ sent to all … │  to be sent to it  …         │        numbers of lines since the beginning
/// ```
final class RingTarget {
    private let ring: LogRing
    private var lines: [[UInt8]] = []
    /// The number of the first line that is kept.
    private var first = 0
    private var bytes = 0
    private var ends: [End]
    private var output = Buffer(capacity: 128 * 1024)

    /// How long a server is left alone after a failure, in milliseconds.
    private static var pause: UInt64 { 1_000 }

    private struct End {
        let address: SocketAddress?
        let countsOctets: Bool
        var state = State.closed
        /// The next line to be sent, and how much of it was.
        var cursor = 0
        var sent = 0
        /// Milliseconds: when it is tried again, or given up.
        var until: UInt64 = 0
    }

    private enum State: Equatable {
        case closed
        case connecting(Int32)
        case open(Int32, isFull: Bool)

        var descriptor: Int32? {
            switch self {
            case .closed: nil
            case .connecting(let descriptor), .open(let descriptor, _): descriptor
            }
        }
    }

    init(_ ring: LogRing) {
        self.ring = ring
        ends = ring.servers.map {
            End(address: SocketAddress($0.address, port: $0.port), countsOctets: $0.countsOctets)
        }
    }

    deinit { for end in ends { end.state.descriptor.map { Socket.close($0) } } }

    /// Takes a line without its end; how many lines were lost by that.
    func append(_ line: ByteView) -> Int {
        guard line.count <= ring.size else { return 1 }
        lines.append(line.bytes)
        bytes += line.count
        var lost = 0
        while bytes > ring.size { lost += dropFirst() }
        return ends.isEmpty ? 0 : lost
    }

    /// Drops the oldest line; 1 if a server has not had it.
    private func dropFirst() -> Int {
        let isMissed = ends.contains { $0.cursor <= first }
        bytes -= lines[0].count
        lines.removeFirst()
        first += 1
        // A line that has begun is ended by the connection's.
        for i in ends.indices where ends[i].cursor < first {
            if ends[i].sent > 0 { close(i, now: 0) }
            ends[i].cursor = first
        }
        return isMissed ? 1 : 0
    }

    private func isBehind(_ end: End) -> Bool { end.cursor < first + lines.count }

    /// Whether a server has lines to come.
    var hasPending: Bool { ends.contains { isBehind($0) } }

    /// The connections, and what each waits for.
    var waiting: [pollfd] {
        ends.compactMap { end in
            guard let descriptor = end.state.descriptor else { return nil }
            var events = POLLIN
            if case .connecting = end.state { events |= POLLOUT }
            if case .open(_, isFull: true) = end.state { events |= POLLOUT }
            return pollfd(fd: descriptor, events: Int16(events), revents: 0)
        }
    }

    /// When something is to be tried again or given up, in milliseconds; nil is never.
    var nextTime: UInt64? {
        ends.filter { $0.until > 0 && ($0.state != .closed || isBehind($0)) }.map(\.until).min()
    }

    /// Does what can be done now, in milliseconds.
    func advance(now: UInt64) {
        for i in ends.indices {
            if ends[i].state == .closed { connect(i, now: now) }
            if case .connecting(let descriptor) = ends[i].state { finishConnecting(i, descriptor, now: now) }
            if case .open(let descriptor, _) = ends[i].state { pass(i, descriptor, now: now) }
        }
        while let line = lines.first, ends.allSatisfy({ $0.cursor > first }), !ends.isEmpty {
            bytes -= line.count
            lines.removeFirst()
            first += 1
        }
    }

    private func connect(_ i: Int, now: UInt64) {
        guard isBehind(ends[i]), now >= ends[i].until, let address = ends[i].address else { return }
        let descriptor = Socket.connect(to: address)
        guard descriptor >= 0 else { return close(i, now: now) }
        ends[i].state = .connecting(descriptor)
        ends[i].until = ring.connectTimeout > 0 ? now + UInt64(ring.connectTimeout) : 0
    }

    private func finishConnecting(_ i: Int, _ descriptor: Int32, now: UInt64) {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&ready, 1, 0) > 0 else {
            if ends[i].until > 0, now >= ends[i].until { close(i, now: now) }
            return
        }
        guard Socket.error(descriptor) == 0 else { return close(i, now: now) }
        ends[i].state = .open(descriptor, isFull: false)
        ends[i].until = 0
    }

    /// Sends what it has not had. What it says itself is not listened to.
    private func pass(_ i: Int, _ descriptor: Int32, now: UInt64) {
        output.reset()
        switch Socket.read(descriptor, into: &output) {
        case .bytes, .wouldBlock: break
        case .closed, .failed: return close(i, now: now)
        }
        while isBehind(ends[i]) {
            output.reset()
            let line = lines[ends[i].cursor - first]
            if ends[i].countsOctets {
                output.append(decimal: Int64(line.count))
                output.append(" ")
            }
            line.withView { _ = output.append($0) }
            if !ends[i].countsOctets { output.append("\n") }
            switch Socket.write(descriptor, output.view[ends[i].sent..<output.count]) {
            case .bytes(let count): ends[i].sent += count
            case .wouldBlock: return ends[i].state = .open(descriptor, isFull: true)
            case .closed, .failed: return close(i, now: now)
            }
            guard ends[i].sent == output.count else { continue }
            ends[i].cursor += 1
            ends[i].sent = 0
        }
        ends[i].state = .open(descriptor, isFull: false)
    }

    /// Ends a connection; the line that was on its way is sent again on the next one.
    private func close(_ i: Int, now: UInt64) {
        ends[i].state.descriptor.map { Socket.close($0) }
        ends[i].state = .closed
        ends[i].sent = 0
        ends[i].until = now + RingTarget.pause
    }
}
