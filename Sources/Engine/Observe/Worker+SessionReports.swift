import Basics
import Wire

/// What operators are told of requests and sessions that are under way.
extension Worker {
    func answer(_ question: SessionQuestion) {
        var reports: [SessionReport] = []
        var client = firstClient
        while let current = client, reports.count < SessionQuestion.most {
            client = current[].next
            // What has no head yet is nothing to tell of.
            guard let exchange = current[].exchange, exchange[].phase != .head else { continue }
            let id = SessionQuestion.id(exchange.bits, exchange[].startedAt)
            switch question.kind {
            case .list(nil): reports.append(report(of: exchange, current, id: id))
            case .list(let wanted): if wanted == id { reports.append(report(of: exchange, current, id: id)) }
            case .end(let wanted):
                guard wanted == id else { continue }
                reports.append(report(of: exchange, current, id: id))
                abort(current, exchange[].termination(for: .killed))
            }
        }
        question.answers.post(reports)
    }

    private func report(
        of exchange: Ref<Exchange>, _ client: Ref<ClientConnection>, id: UInt64
    ) -> SessionReport {
        var report = SessionReport()
        let carrier = carrier(of: client)
        (report.id, report.worker) = (id, index)
        (report.source, report.destination) = (client[].address, destination(of: client))
        report.frontend = frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view.string }
        report.backend = exchange[].backend.map { $0._withUnsafeGuaranteedRef { $0.name.view.string } }
        report.server = exchange[].server.map { $0._withUnsafeGuaranteedRef { $0.name.view.string } }
        report.descriptors.client = carrier[].transport.descriptor
        if let connection = exchange[].serverConnection {
            report.serverAddress = exchange[].server.map { $0._withUnsafeGuaranteedRef { $0.address } }
            report.descriptors.server = connection[].transport.descriptor
            if connection[].transport.channel == nil {
                report.ownAddress = Listener.localAddress(connection[].transport.descriptor)
            }
        }
        (report.isTLS, report.isStream) = (client[].isTLS, client[].transport.isStream)
        report.age = clock.monotonic &- min(clock.monotonic, exchange[].startedAt)
        report.beganAt = clock.realtime &- report.age
        report.number = UInt64(client[].requests)
        report.retries = exchange[].retries
        report.waits = exchange[].phase == .queued
        report.buffered = (client[].input.count, client[].output.count)
        report.passed = (exchange[].bytesIn, exchange[].bytesOut)
        return report
    }
}
