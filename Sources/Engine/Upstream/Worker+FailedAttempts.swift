import Basics
import Model
import Wire

/// What became of attempts, for lines that tell of each.
extension Worker {
    /// Keeps an attempt that has failed, if lines of its frontend tell of it.
    func noteAttempt(
        _ exchange: Ref<Exchange>, _ failure: RetryPolicy.Failure, _ isTimeout: Bool, isLast: Bool
    ) {
        guard exchange[].errand == .none, !exchange[].isSession, tellsAttempts(exchange) else { return }
        let status: UInt16 =
            switch failure {
            case .status(let status): status
            case .silence: 504
            case .connect: isTimeout ? 504 : 502
            case .noDescriptor, .staleConnection, .reset, .noAnswer, .refused, .junk: 502
            }
        keepAttempt(exchange, status, isHandedOver: false)
        if isLast { ruling(of: exchange)[].isGivenUp = true }
    }

    /// The same of one whose place an error page takes.
    func noteHandOver(_ exchange: Ref<Exchange>, _ status: UInt16) {
        guard exchange[].errand == .none, tellsAttempts(exchange) else { return }
        guard let ruling = exchange[].ruling, ruling[].isGivenUp else {
            return keepAttempt(exchange, status, isHandedOver: true)
        }
        ruling[].isGivenUp = false
        if let last = ruling[].attempts.indices.last { ruling[].attempts[last].isHandedOver = true }
    }

    private func keepAttempt(_ exchange: Ref<Exchange>, _ status: UInt16, isHandedOver: Bool) {
        guard let server = exchange[].server, exchange[].assignedAt > 0 else { return }
        let ruling = ruling(of: exchange)
        guard ruling[].attempts.count < FailedAttempt.most else { return }
        let assigned = exchange[].assignedAt
        ruling[].attempts.append(
            FailedAttempt(
                address: server._withUnsafeGuaranteedRef { $0.address }, status: status,
                connect: milliseconds(assigned, exchange[].connectedAt),
                head: milliseconds(assigned, exchange[].answeredAt),
                total: milliseconds(assigned, clock.monotonic), isHandedOver: isHandedOver))
    }
}
