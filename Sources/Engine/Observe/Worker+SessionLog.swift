import Basics
import Wire

/// One line per TCP session.
extension Worker {
    func writeSession(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        switch log.format {
        case .text: writeSessionText(exchange, to: &line)
        case .json: writeSessionJSON(exchange, to: &line)
        }
    }

    /// HAProxy's `option tcplog`: `ci:cp [t] frontend backend/server Tw/Tc/Tt bytes ts ac/fc/bc/sc/rc sq/bq`.
    private func writeSessionText(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        let client = exchange[].client
        appendOpening(client, at: beginning(of: exchange), to: &line)
        line.append(client[].transport.tls != nil ? "~ " : " ")
        appendServer(exchange, to: &line)
        let timers = timers(exchange)
        line.append(" ")
        line.append(decimal: timers.queue, then: UInt8(ascii: "/"))
        line.append(decimal: timers.connect, then: UInt8(ascii: "/"))
        line.append(decimal: timers.total, then: UInt8(ascii: " "))
        line.append(decimal: Int64(truncatingIfNeeded: exchange[].bytesOut), then: UInt8(ascii: " "))
        line.append(exchange[].termination.cause)
        line.append(exchange[].termination.phase)
        line.append(" ")
        appendLoads(exchange, to: &line)
        line.append("\n")
    }

    /// `ac/fc/bc/sc/rc sq/bq`.
    func appendLoads(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        let open = Int64(truncatingIfNeeded: counters[].openClients.value)
        let active = Int64(truncatingIfNeeded: counters[].activeExchanges.value)
        line.append(decimal: open, then: UInt8(ascii: "/"))
        line.append(decimal: open, then: UInt8(ascii: "/"))
        line.append(decimal: active, then: UInt8(ascii: "/"))
        line.append(
            decimal: exchange[].serverPlace.map { Int64(truncatingIfNeeded: $0[].load.active.value) } ?? 0)
        line.append(exchange[].isRedispatched ? "/+" : "/")
        line.append(decimal: Int64(exchange[].retries))
        let ahead = Int64(exchange[].queuePosition)
        line.append(" ")
        line.append(decimal: exchange[].waitedForServer ? ahead : 0, then: UInt8(ascii: "/"))
        line.append(decimal: exchange[].waitedForServer ? 0 : ahead)
    }

    private func writeSessionJSON(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        let client = exchange[].client
        appendJSONOpening(client, isSession: true, at: beginning(of: exchange), to: &line)
        line.append(client[].transport.tls != nil ? "\",\"tls\":true" : "\",\"tls\":false")
        appendServerName(exchange, to: &line)
        appendTarget(exchange, to: &line)
        let timers = timers(exchange)
        appendField(",\"bytes\":", Int64(truncatingIfNeeded: exchange[].bytesOut), to: &line)
        appendField(",\"bytes_in\":", Int64(truncatingIfNeeded: exchange[].bytesIn), to: &line)
        appendField(",\"queue_ms\":", timers.queue, to: &line)
        appendField(",\"connect_ms\":", timers.connect, to: &line)
        appendField(",\"total_ms\":", timers.total, to: &line)
        appendField(",\"retries\":", Int64(exchange[].retries), to: &line)
        line.append(",\"termination\":\"")
        line.append(exchange[].termination.cause)
        line.append(exchange[].termination.phase)
        line.append("\"}\n")
    }

    /// The host that the client's TLS asks for, whoever speaks it with the client.
    private func appendServerName(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        if let saved = exchange[].savedLine {
            saved._withUnsafeGuaranteedRef { saved in
                saved.host.withView { appendServerName($0, to: &line) }
            }
        } else if let name = exchange[].client[].transport.tls?.serverName {
            appendServerName(name, to: &line)
        }
    }

    /// Clients choose the bytes: what would need an escape, or is no character, is a question mark.
    private func appendServerName(_ name: ByteView, to line: inout ByteWriter) {
        line.append(",\"sni\":\"")
        for i in 0..<min(name.count, 255) {
            let byte = name[i]
            let isPlain =
                byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            line.append(isPlain ? byte : UInt8(ascii: "?"))
        }
        line.append("\"")
    }
}
