import Basics
import Model
import Synchronization

/// Numbers of bytes, connections and attempts.
extension Worker.LoggedFacts {
    func writeCount(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) {
        switch variable {
        case .retries:
            if exchange?[].isRedispatched == true { line.append("+") }
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

    /// Requests of all workers at one server.
    private func active(at server: borrowing ServerState) -> Int64 {
        var sum: Int64 = 0
        for i in 0..<server.perWorker.count {
            sum &+= Int64(truncatingIfNeeded: server.perWorker[i].active.value)
        }
        return sum
    }

    private var serverConnections: Int64 {
        exchange?[].server.map { $0._withUnsafeGuaranteedRef { active(at: $0) } } ?? 0
    }

    private var backendConnections: Int64 {
        guard let set = exchange?[].servers, let backend = exchange?[].backend else { return 0 }
        let waiting = backend._withUnsafeGuaranteedRef { $0.waiting.load(ordering: .relaxed) }
        return set._withUnsafeGuaranteedRef { set in
            var sum = Int64(waiting)
            for i in 0..<set.servers.count {
                sum &+= set.servers[i]._withUnsafeGuaranteedRef { active(at: $0) }
            }
            return sum
        }
    }
}
