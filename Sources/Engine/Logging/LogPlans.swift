import Basics
import Model
import Synchronization

/// Where lines go, by number: what a record says in two bytes. A plan stays for the process's life, as records on their way name it;
/// equal ones are one.
final class LogPlans: Sendable {
    private let plans = Mutex<[LogPlan]>([])
    private let started = Mutex<LogWriter?>(nil)
    /// Lines that found no room, or nobody to take them.
    let dropped = Atomic<UInt64>(0)
    /// Numbers of requests, over all workers; given where a format asks.
    let requests = Atomic<UInt64>(0)

    private static var most: Int { 4_096 }

    /// The number of a plan; nil if there have been too many.
    func number(of plan: LogPlan) -> UInt16? {
        plans.withLock { plans in
            if let known = plans.firstIndex(of: plan) { return UInt16(known) }
            guard plans.count < LogPlans.most else { return nil }
            plans.append(plan)
            return UInt16(plans.count - 1)
        }
    }

    /// The plan of a number.
    subscript(number: UInt16) -> LogPlan? {
        plans.withLock { $0.indices.contains(Int(number)) ? $0[Int(number)] : nil }
    }

    /// What takes records; nil before the first plan.
    var writer: LogWriter? {
        guard plans.withLock({ !$0.isEmpty }) else { return nil }
        return started.withLock { writer in
            if writer == nil { writer = LogWriter { TargetSink(self) } }
            return writer
        }
    }

    /// Sends what waits and ends the thread; how many bytes nobody took in time.
    func close() -> Int { started.withLock { $0.take() }?.close() ?? 0 }
}

/// Who gets a line, and who it says it is from.
struct LogPlan: Sendable, Equatable {
    let targets: [LogTarget]
    let tag: String
    let host: String?
}
