import Basics
import Model
import Wire

/// Dates and durations.
extension Worker.LoggedFacts {
    func writeDate(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) {
        let time = worker.clock.realtime &- (worker.clock.monotonic &- startedAt)
        let dates = worker.log.dates
        switch variable {
        case .acceptDate, .requestDate: dates.write(time, .local, to: &line)
        case .acceptDateUTC, .requestDateUTC: dates.write(time, .utcWithOffset, to: &line)
        case .acceptDateLocal, .requestDateLocal: dates.write(time, .localWithOffset, to: &line)
        case .acceptSeconds: line.append(Int64(time / 1_000_000_000), as: flags)
        default:
            let milliseconds = Int64(time / 1_000_000 % 1_000)
            guard !flags.contains(.hexadecimal) else {
                return line.append(milliseconds, as: flags, atLeast: 2)
            }
            // A number of JSON begins with no zeros.
            if !flags.contains(.json) {
                line.append(milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : "")
            }
            line.append(decimal: milliseconds)
        }
    }

    /// When the exchange began; without one, now.
    private var startedAt: UInt64 { exchange?[].startedAt ?? worker.clock.monotonic }

    func milliseconds(of variable: LogVariable) -> Int64 {
        guard let exchange else { return variable.isTotal || variable.isBeforeRequest ? 0 : -1 }
        let timers = worker.timers(exchange)
        switch variable {
        case .requestTime, .requestTimeFromAccept: return timers.request
        case .queueTime: return timers.queue
        case .connectTime: return timers.connect
        case .responseTime: return timers.response
        case .dataTime:
            let begin = exchange[].isSession ? exchange[].connectedAt : exchange[].answeredAt
            return worker.milliseconds(begin, worker.clock.monotonic)
        case .activeTime, .totalTime, .userTime: return timers.total
        default: return 0
        }
    }
}

extension LogVariable {
    /// Whether it says how long all took.
    fileprivate var isTotal: Bool { self == .activeTime || self == .totalTime || self == .userTime }

    /// Whether it is over when a request begins.
    fileprivate var isBeforeRequest: Bool { self == .handshakeTime || self == .idleTime }
}
