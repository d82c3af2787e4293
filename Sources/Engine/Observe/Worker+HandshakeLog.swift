import Basics
import Wire

/// One line for a server that TLS could not be spoken with, before the request's own line.
extension Worker {
    func writeHandshakeLine(_ exchange: Ref<Exchange>, _ failure: HandshakeFailure) {
        guard log.isOn else { return }
        log.beginLine(now: clock.monotonic)
        let fits = log.lines.write { line in
            switch log.format {
            case .text: writeText(exchange, failure, to: &line)
            case .json: writeJSON(exchange, failure, to: &line)
            }
        }
        if !fits { counters[].logDropped.add() }
    }

    /// `ci:cp [t] frontend backend/server: sentence (cause)`.
    private func writeText(
        _ exchange: Ref<Exchange>, _ failure: HandshakeFailure, to line: inout ByteWriter
    ) {
        let client = exchange[].client
        client[].addressText.write(to: &line, of: client[].address)
        line.append(":")
        line.append(decimal: Int64(client[].address.port))
        line.append(" [")
        log.writeTime(clock.realtime, to: &line)
        line.append("] ")
        line.append(frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view })
        line.append(" ")
        if let backend = exchange[].backend {
            line.append(backend._withUnsafeGuaranteedRef { $0.name.view })
        }
        line.append("/")
        if let server = exchange[].server { line.append(server._withUnsafeGuaranteedRef { $0.name.view }) }
        line.append(": TLS handshake with the server failed (")
        failure.rawValue.withView { line.append($0) }
        line.append(")\n")
    }

    private func writeJSON(
        _ exchange: Ref<Exchange>, _ failure: HandshakeFailure, to line: inout ByteWriter
    ) {
        let client = exchange[].client
        line.append("{\"time\":\"")
        log.writeTime(clock.realtime, to: &line)
        line.append("Z\",\"client\":\"")
        client[].addressText.write(to: &line, of: client[].address)
        line.append("\",\"port\":")
        line.append(decimal: Int64(client[].address.port))
        line.append(",\"frontend\":\"")
        line.append(frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view })
        line.append("\",\"backend\":\"")
        if let backend = exchange[].backend {
            line.append(backend._withUnsafeGuaranteedRef { $0.name.view })
        }
        line.append("\",\"server\":\"")
        if let server = exchange[].server { line.append(server._withUnsafeGuaranteedRef { $0.name.view }) }
        line.append("\",\"error\":\"TLS handshake with the server failed\",\"cause\":\"")
        failure.rawValue.withView { line.append($0) }
        line.append("\"}\n")
    }
}
