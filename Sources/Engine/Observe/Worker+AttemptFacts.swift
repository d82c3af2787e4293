import Basics
import Model
import Wire

/// What lines say of each attempt at a server: `10.0.0.1:80, 10.0.0.2:80`.
extension Worker.LoggedFacts {
    func writeAttempts(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        let ruling = exchange?[].ruling
        let failed = ruling.map { $0[].attempts.count } ?? 0
        for i in 0..<failed {
            guard let attempt = ruling?[].attempts[i] else { break }
            write(fact, of: attempt, flags, to: &line)
            if i + 1 < failed || hasLast { line.append(attempt.isHandedOver ? " : " : ", ") }
        }
        if hasLast { return writeLast(fact, flags, to: &line) }
        if failed == 0 { line.appendNothing(ofLine: flags) }
    }

    /// Whether there is an attempt that is not among those that failed.
    private var hasLast: Bool {
        guard let exchange, exchange[].server != nil, exchange[].assignedAt > 0 else { return false }
        return exchange[].ruling.map { !$0[].isGivenUp } ?? true
    }

    private func write(
        _ fact: LineFact, of attempt: FailedAttempt, _ flags: FormatFlags, to line: inout ByteWriter
    ) {
        switch fact {
        case .serverAddress: Worker.LoggedFacts.write(attempt.address, to: &line)
        case .serverStatus: line.append(decimal: Int64(attempt.status))
        case .serverTime: line.append(seconds: attempt.total)
        case .connectTime: write(seconds: attempt.connect, to: &line)
        case .headTime: write(seconds: attempt.head, to: &line)
        default: line.append("0")
        }
    }

    private func writeLast(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        guard let exchange, let server = exchange[].server else { return }
        let assigned = exchange[].assignedAt
        switch fact {
        case .serverAddress:
            Worker.LoggedFacts.write(server._withUnsafeGuaranteedRef { $0.address }, to: &line)
        case .serverStatus: writeServerStatus(exchange, to: &line)
        case .serverTime: line.append(seconds: worker.milliseconds(assigned, worker.clock.monotonic))
        case .connectTime:
            write(seconds: worker.milliseconds(assigned, exchange[].connectedAt), to: &line)
        case .headTime: write(seconds: worker.milliseconds(assigned, exchange[].answeredAt), to: &line)
        case .serverBytesIn: line.append(decimal: isServers ? Int64(clamping: exchange[].bytesOut) : 0)
        case .serverBytesOut:
            line.append(decimal: exchange[].connectedAt > 0 ? Int64(clamping: exchange[].bytesIn) : 0)
        default: line.append(decimal: isServers ? bodySent : 0)
        }
    }

    /// Whether what the client got came from the server.
    private var isServers: Bool {
        exchange.map { $0[].isSession || $0[].answeredAt > 0 } ?? false
    }

    private func writeServerStatus(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        if exchange[].answeredAt > 0, exchange[].response.status > 0 {
            line.append(decimal: Int64(exchange[].response.status))
        } else if exchange[].status >= 500 {
            line.append(decimal: Int64(exchange[].status))
        } else {
            line.append("-")
        }
    }

    private func write(seconds milliseconds: Int64, to line: inout ByteWriter) {
        if milliseconds < 0 { line.append("-") } else { line.append(seconds: milliseconds) }
    }

    private static func write(_ address: SocketAddress, to line: inout ByteWriter) {
        if address.isV6 { line.append("[") }
        address.write(to: &line)
        if address.isV6 { line.append("]") }
        line.append(":")
        line.append(decimal: Int64(address.port))
    }
}
