import Basics
import Model
import Wire

/// One line per exchange.
extension Worker {
    func writeLogLine(_ exchange: Ref<Exchange>) {
        guard log.isOn else { return }
        log.beginLine(now: clock.monotonic)
        switch log.format {
        case .text: writeText(exchange)
        case .json: writeJSON(exchange)
        }
    }

    /// Milliseconds between two points in time; -1 when the later one was not reached.
    private func milliseconds(_ from: UInt64, _ to: UInt64) -> Int64 {
        to == 0 || from == 0 || to < from ? -1 : Int64((to - from) / 1_000_000)
    }

    private struct Timers {
        var request: Int64
        var queue: Int64
        var connect: Int64
        var response: Int64
        var total: Int64
    }

    private func timers(_ exchange: Ref<Exchange>) -> Timers {
        let started = exchange[].startedAt
        let (head, assigned, connected) = (exchange[].headAt, exchange[].assignedAt, exchange[].connectedAt)
        return Timers(
            request: milliseconds(started, head), queue: milliseconds(head, assigned),
            connect: milliseconds(assigned, connected),
            response: milliseconds(connected, exchange[].answeredAt),
            total: milliseconds(started, clock.monotonic))
    }

    /// `ci:cp [t] frontend backend/server TR/Tw/Tc/Tr/Ta status bytes - - tsc ac/fc/bc/sc/rc sq/bq "method uri HTTP/x"`.
    private func writeText(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        client[].addressText.append(to: &log.lines, of: client[].address)
        log.lines.append(":")
        log.lines.append(decimal: Int64(client[].address.port))
        log.lines.append(" [")
        log.appendTime(clock.realtime &- (clock.monotonic &- exchange[].startedAt))
        log.lines.append("] ")
        appendFrontend(client)
        log.lines.append(client[].isTLS ? "~ " : " ")
        appendServer(exchange)
        let timers = timers(exchange)
        log.lines.append(" ")
        append(timers.request, then: "/")
        append(timers.queue, then: "/")
        append(timers.connect, then: "/")
        append(timers.response, then: "/")
        log.lines.append(decimal: timers.total)
        log.lines.append(" ")
        log.lines.append(decimal: exchange[].status == 0 ? -1 : Int64(exchange[].status))
        log.lines.append(" ")
        log.lines.append(decimal: Int64(truncatingIfNeeded: exchange[].bytesOut))
        log.lines.append(" - - ")
        log.lines.append(exchange[].termination.cause)
        log.lines.append(exchange[].termination.phase)
        log.lines.append("-- ")
        let open = Int64(truncatingIfNeeded: counters[].openClients.value)
        let active = Int64(truncatingIfNeeded: counters[].activeExchanges.value)
        append(open, then: "/")
        append(open, then: "/")
        append(active, then: "/")
        log.lines.append(
            decimal: exchange[].serverPlace.map { Int64(truncatingIfNeeded: $0[].active.value) } ?? 0)
        log.lines.append(exchange[].isRedispatched ? "/+" : "/")
        log.lines.append(decimal: Int64(exchange[].retries))
        log.lines.append(" 0/")
        log.lines.append(decimal: Int64(exchange[].queuePosition))
        log.lines.append(" \"")
        appendRequestLine(exchange)
        log.lines.append("\"\n")
    }

    private func append(_ number: Int64, then separator: StaticString) {
        log.lines.append(decimal: number)
        log.lines.append(separator)
    }

    private func appendFrontend(_ client: Ref<ClientConnection>) {
        frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { _ = log.lines.append($0.name.view) }
    }

    private func append(_ name: [UInt8]) { name.withView { _ = log.lines.append($0) } }

    private func appendServer(_ exchange: Ref<Exchange>) {
        guard let backend = exchange[].backend else {
            appendFrontend(exchange[].client)
            log.lines.append("/<NOSRV>")
            return
        }
        backend._withUnsafeGuaranteedRef { _ = log.lines.append($0.name.view) }
        log.lines.append("/")
        if let server = exchange[].server {
            server._withUnsafeGuaranteedRef { _ = log.lines.append($0.name.view) }
        } else {
            log.lines.append("<NOSRV>")
        }
    }

    private func appendRequestLine(_ exchange: Ref<Exchange>) {
        if let line = exchange[].savedLine {
            line._withUnsafeGuaranteedRef { append($0.method) }
            log.lines.append(" ")
            line._withUnsafeGuaranteedRef { $0.target.withView { appendQuotable($0) } }
        } else if exchange[].headAt == 0 {
            log.lines.append("<BADREQ>")
            return
        } else {
            let head = head(of: exchange)
            let target = head[exchange[].request.target.indices]
            log.lines.append(head[exchange[].request.method.indices])
            log.lines.append(" ")
            appendQuotable(target[0..<min(target.count, 4096)])
        }
        log.lines.append(exchange[].request.minorVersion == 0 ? " HTTP/1.0" : " HTTP/1.1")
    }

    /// Appends a target; a quotation mark, which would end the field, as HAProxy writes it.
    private func appendQuotable(_ target: ByteView) {
        guard target.firstIndex(of: UInt8(ascii: "\"")) != nil else {
            log.lines.append(target)
            return
        }
        for i in 0..<target.count {
            if target[i] == UInt8(ascii: "\"") {
                log.lines.append("#22")
            } else {
                log.lines.append(target[i])
            }
        }
    }

    private func writeJSON(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        log.lines.append("{\"time\":\"")
        log.appendTime(clock.realtime &- (clock.monotonic &- exchange[].startedAt))
        log.lines.append("Z\",\"client\":\"")
        client[].addressText.append(to: &log.lines, of: client[].address)
        log.lines.append("\",\"port\":")
        log.lines.append(decimal: Int64(client[].address.port))
        log.lines.append(",\"frontend\":\"")
        appendFrontend(client)
        log.lines.append(client[].isTLS ? "\",\"tls\":true" : "\",\"tls\":false")
        appendOrigin(exchange)
        writeJSONRequest(exchange)
        let timers = timers(exchange)
        appendField(",\"status\":", Int64(exchange[].status))
        appendField(",\"bytes\":", Int64(truncatingIfNeeded: exchange[].bytesOut))
        appendField(",\"bytes_in\":", Int64(truncatingIfNeeded: exchange[].bytesIn))
        appendField(",\"request_ms\":", timers.request)
        appendField(",\"queue_ms\":", timers.queue)
        appendField(",\"connect_ms\":", timers.connect)
        appendField(",\"response_ms\":", timers.response)
        appendField(",\"total_ms\":", timers.total)
        appendField(",\"retries\":", Int64(exchange[].retries))
        log.lines.append(",\"termination\":\"")
        log.lines.append(exchange[].termination.cause)
        log.lines.append(exchange[].termination.phase)
        log.lines.append("\"}\n")
    }

    private func appendField(_ name: StaticString, _ value: Int64) {
        log.lines.append(name)
        log.lines.append(decimal: value)
    }

    private func appendOrigin(_ exchange: Ref<Exchange>) {
        if let route = exchange[].route {
            log.lines.append(",\"namespace\":\"")
            route._withUnsafeGuaranteedRef { _ = log.lines.append($0.namespace.view) }
            log.lines.append("\",\"ingress\":\"")
            route._withUnsafeGuaranteedRef { _ = log.lines.append($0.name.view) }
            log.lines.append("\"")
        }
        log.lines.append(",\"backend\":\"")
        if let backend = exchange[].backend {
            backend._withUnsafeGuaranteedRef { _ = log.lines.append($0.name.view) }
        }
        log.lines.append("\",\"server\":\"")
        if let server = exchange[].server {
            server._withUnsafeGuaranteedRef { _ = log.lines.append($0.name.view) }
        }
        log.lines.append("\"")
    }

    private func writeJSONRequest(_ exchange: Ref<Exchange>) {
        if let line = exchange[].savedLine {
            line._withUnsafeGuaranteedRef { line in
                line.method.withView { method in
                    line.host.withView { host in line.target.withView { appendRequest(method, host, $0) } }
                }
            }
        } else if exchange[].headAt == 0 {
            appendRequest(.empty, .empty, .empty)
        } else {
            let head = head(of: exchange)
            let target = head[exchange[].request.target.indices]
            appendRequest(
                head[exchange[].request.method.indices], head[exchange[].request.host.indices],
                target[0..<min(target.count, 4096)])
        }
    }

    private func appendRequest(_ method: ByteView, _ host: ByteView, _ target: ByteView) {
        log.lines.append(",\"method\":\"")
        log.lines.append(method)
        log.lines.append("\",\"host\":\"")
        log.lines.append(host)
        log.lines.append("\",\"uri\":\"")
        // Targets are printable ASCII; only these two need an escape.
        var from = 0
        for i in 0..<target.count where target[i] == UInt8(ascii: "\"") || target[i] == UInt8(ascii: "\\") {
            log.lines.append(target[from..<i])
            log.lines.append("\\")
            from = i
        }
        log.lines.append(target[from..<target.count])
        log.lines.append("\"")
    }
}
