import Basics
import Wire

/// One line for a connection that was closed before it could ask anything: HAProxy's error log format.
extension Worker {
    func writeRefusalLine(_ client: Ref<ClientConnection>, _ refusal: ProxyRefusal) {
        guard log.isOn else { return }
        log.beginLine(now: clock.monotonic)
        let fits = log.lines.write { line in
            switch log.format {
            case .text: writeText(client, refusal, to: &line)
            case .json: writeJSON(client, refusal, to: &line)
            }
        }
        if !fits { counters[].logDropped.add() }
    }

    /// `ci:cp [t] frontend: sentence (cause)`.
    private func writeText(
        _ client: Ref<ClientConnection>, _ refusal: ProxyRefusal, to line: inout ByteWriter
    ) {
        client[].addressText.write(to: &line, of: client[].address)
        line.append(":")
        line.append(decimal: Int64(client[].address.port))
        line.append(" [")
        log.writeTime(clock.realtime, to: &line)
        line.append("] ")
        line.append(frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view })
        line.append(": ")
        line.append(refusal.sentence)
        line.append(" (")
        refusal.rawValue.withView { line.append($0) }
        line.append(")\n")
    }

    private func writeJSON(
        _ client: Ref<ClientConnection>, _ refusal: ProxyRefusal, to line: inout ByteWriter
    ) {
        line.append("{\"time\":\"")
        log.writeTime(clock.realtime, to: &line)
        line.append("Z\",\"client\":\"")
        client[].addressText.write(to: &line, of: client[].address)
        line.append("\",\"port\":")
        line.append(decimal: Int64(client[].address.port))
        line.append(",\"frontend\":\"")
        line.append(frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view })
        line.append("\",\"error\":\"")
        line.append(refusal.sentence)
        line.append("\",\"cause\":\"")
        refusal.rawValue.withView { line.append($0) }
        line.append("\"}\n")
    }
}
