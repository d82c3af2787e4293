import Basics
import Model
import Synchronization

/// Numbers of bytes, connections and attempts.
extension Worker.LoggedFacts {
    func writeCount(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) {
        switch variable {
        case .retries:
            if exchange?[].isRedispatched == true, !flags.contains(.json) { line.append("+") }
            line.append(decimal: Int64(exchange?[].retries ?? 0))
        case .requestNumber, .logNumber: line.append(count(variable), as: flags)
        default: line.append(decimal: count(variable))
        }
    }

    private func count(_ variable: LogVariable) -> Int64 {
        switch variable {
        case .bytesOut: Int64(truncatingIfNeeded: exchange?[].bytesOut ?? 0)
        case .bytesIn: Int64(truncatingIfNeeded: exchange?[].bytesIn ?? 0)
        case .openConnections: Int64(worker.limits.open)
        case .frontendConnections: Int64(worker.limits.open(at: Int(client[].frontend)))
        case .backendConnections: backendConnections
        case .serverConnections: serverConnections
        case .serverQueue: exchange.map { $0[].waitedForServer ? Int64($0[].queuePosition) : 0 } ?? 0
        case .backendQueue: exchange.map { $0[].waitedForServer ? 0 : Int64($0[].queuePosition) } ?? 0
        case .status: status
        case .logNumber:
            worker.frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
                Int64($0.logging?.lineCount ?? 0)
            }
        default: 0
        }
    }

    /// -1 is what HAProxy says of a request that was not answered.
    private var status: Int64 {
        guard let exchange else { return isEmpty ? 400 : 0 }
        guard !exchange[].isSession else { return 0 }
        return exchange[].status == 0 ? -1 : Int64(exchange[].status)
    }

    private var serverConnections: Int64 {
        exchange?[].server.map { $0._withUnsafeGuaranteedRef { Int64(truncatingIfNeeded: $0.active) } } ?? 0
    }

    private var backendConnections: Int64 {
        guard let backend = exchange?[].backend else { return 0 }
        return backend._withUnsafeGuaranteedRef { Int64(truncatingIfNeeded: $0.active) }
    }
}
