import Basics
import Wire

/// Keeping messages that were not understood, for those who have to find out why: where there is a runtime API to ask, as there is
/// wherever statistics are kept.
extension Worker {
    /// A request whose head was refused.
    func noteFault(_ exchange: Ref<Exchange>, _ error: HeadError, in bytes: ByteView) {
        guard keepsStatistics else { return }
        var report = fault(exchange, error.rawValue, bytes)
        report.position = exchange[].request.refusedPosition
        published.faults.note(report)
    }

    /// An answer whose head was refused.
    func noteFault(_ exchange: Ref<Exchange>, _ error: HeadError, answer bytes: ByteView) {
        guard keepsStatistics else { return }
        var report = fault(exchange, error.rawValue, bytes)
        report.isAnswer = true
        report.position = exchange[].response.refusedPosition
        report.backend = exchange[].backend.map { $0._withUnsafeGuaranteedRef { $0.name.view.string } }
        report.server = exchange[].server.map { $0._withUnsafeGuaranteedRef { $0.name.view.string } }
        published.faults.note(report)
    }

    private func fault(_ exchange: Ref<Exchange>, _ error: String, _ bytes: ByteView) -> FaultReport {
        var report = FaultReport()
        let client = exchange[].client
        report.moment = clock.realtime
        report.frontend = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view.string }
        report.source = client[].address
        report.error = error
        report.bytes = bytes[0..<min(bytes.count, FaultReport.longest)].bytes
        return report
    }
}
