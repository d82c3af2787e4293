import Basics
import Model
import Wire

/// One line per exchange.
extension Worker {
    func writeLogLine(_ exchange: Ref<Exchange>) {
        if log.asksFrontends, writeFrontendLine(exchange) { return }
        writeLine { line in
            if exchange[].isSession { return writeSession(exchange, to: &line) }
            switch log.format {
            case .text: writeText(exchange, to: &line)
            case .json: writeJSON(exchange, to: &line)
            }
        }
    }

    /// Writes a line of any kind if there is a log; one that does not fit is counted.
    @inline(__always)
    func writeLine(ofAtMost count: Int = AccessLog.longestLine, _ body: (inout ByteWriter) -> Void) {
        guard log.isOn else { return }
        log.beginLine(now: clock.monotonic, ofAtMost: count)
        if !log.lines.write(body) { counters[].logDropped.add() }
    }

    /// What every line of text begins with: `ci:cp [t] frontend`.
    @inline(__always)
    func appendOpening(_ client: Ref<ClientConnection>, at time: UInt64, to line: inout ByteWriter) {
        client[].addressText.write(to: &line, of: client[].address)
        line.append(":")
        line.append(decimal: Int64(client[].address.port))
        line.append(" [")
        log.writeTime(time, to: &line)
        line.append("] ")
        appendFrontend(client, to: &line)
    }

    /// What every line of JSON begins with, up to the frontend's name, whose quotation mark is left open.
    @inline(__always)
    func appendJSONOpening(
        _ client: Ref<ClientConnection>, isSession: Bool = false, at time: UInt64, to line: inout ByteWriter
    ) {
        line.append("{\"time\":\"")
        log.writeTime(time, to: &line)
        line.append(isSession ? "Z\",\"mode\":\"tcp\",\"client\":\"" : "Z\",\"client\":\"")
        client[].addressText.write(to: &line, of: client[].address)
        line.append("\",\"port\":")
        line.append(decimal: Int64(client[].address.port))
        line.append(",\"frontend\":\"")
        appendFrontend(client, to: &line)
    }

    /// When the exchange began (ns since 1970).
    @inline(__always)
    func beginning(of exchange: Ref<Exchange>) -> UInt64 {
        clock.realtime &- (clock.monotonic &- exchange[].startedAt)
    }

    /// Milliseconds between two points in time; -1 when the later one was not reached.
    func milliseconds(_ from: UInt64, _ to: UInt64) -> Int64 {
        to == 0 || from == 0 || to < from ? -1 : Int64((to - from) / 1_000_000)
    }

    struct Timers {
        var request: Int64
        var queue: Int64
        var connect: Int64
        var response: Int64
        var total: Int64
    }

    @inline(__always)
    func timers(_ exchange: Ref<Exchange>) -> Timers {
        let started = exchange[].startedAt
        let (head, assigned, connected) = (exchange[].headAt, exchange[].assignedAt, exchange[].connectedAt)
        return Timers(
            request: milliseconds(started, head), queue: milliseconds(head, assigned),
            connect: milliseconds(assigned, connected),
            response: milliseconds(connected, exchange[].answeredAt),
            total: milliseconds(started, clock.monotonic))
    }

    /// `ci:cp [t] frontend backend/server TR/Tw/Tc/Tr/Ta status bytes - - tsc ac/fc/bc/sc/rc sq/bq "method uri HTTP/x"`.
    private func writeText(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        let client = exchange[].client
        appendOpening(client, at: beginning(of: exchange), to: &line)
        line.append(client[].isTLS ? "~ " : " ")
        appendServer(exchange, to: &line)
        let timers = timers(exchange)
        line.append(" ")
        line.append(decimal: timers.request, then: UInt8(ascii: "/"))
        line.append(decimal: timers.queue, then: UInt8(ascii: "/"))
        line.append(decimal: timers.connect, then: UInt8(ascii: "/"))
        line.append(decimal: timers.response, then: UInt8(ascii: "/"))
        line.append(decimal: timers.total, then: UInt8(ascii: " "))
        line.append(decimal: exchange[].status == 0 ? -1 : Int64(exchange[].status), then: UInt8(ascii: " "))
        line.append(decimal: Int64(truncatingIfNeeded: exchange[].bytesOut))
        line.append(" - - ")
        line.append(exchange[].termination.cause)
        line.append(exchange[].termination.phase)
        appendCookie(exchange, to: &line)
        appendLoads(exchange, to: &line)
        line.append(" \"")
        appendRequestLine(exchange, to: &line)
        line.append("\"\n")
    }

    /// What the request's persistence cookie was worth and what became of the answer's, `--` without one.
    private func appendCookie(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        guard tellsOfCookie(exchange) else { return line.append("-- ") }
        line.append(exchange[].cookie.request.rawValue)
        line.append(exchange[].cookie.response.rawValue)
        line.append(" ")
    }

    func appendFrontend(_ client: Ref<ClientConnection>, to line: inout ByteWriter) {
        line.append(frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view })
    }

    func appendServer(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        guard let backend = exchange[].backend else {
            appendFrontend(exchange[].client, to: &line)
            line.append("/<NOSRV>")
            return
        }
        line.append(backend._withUnsafeGuaranteedRef { $0.name.view })
        line.append("/")
        if let server = exchange[].server {
            line.append(server._withUnsafeGuaranteedRef { $0.name.view })
        } else {
            line.append(exchange[].delivery?[].name ?? "<NOSRV>")
        }
    }

    private func appendRequestLine(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        if let saved = exchange[].savedLine {
            saved._withUnsafeGuaranteedRef { $0.method.withView { line.append($0) } }
            line.append(" ")
            saved._withUnsafeGuaranteedRef { $0.target.withView { appendQuotable($0, to: &line) } }
        } else if exchange[].headAt == 0 {
            line.append("<BADREQ>")
            return
        } else {
            let head = head(of: exchange)
            let target = head[exchange[].request.target.indices]
            line.append(head[exchange[].request.method.indices])
            line.append(" ")
            appendQuotable(target[0..<min(target.count, 4096)], to: &line)
        }
        if exchange[].client[].transport.isStream { return line.append(" HTTP/2.0") }
        line.append(exchange[].request.minorVersion == 0 ? " HTTP/1.0" : " HTTP/1.1")
    }

    /// Appends a target; a quotation mark, which would end the field, as HAProxy writes it.
    private func appendQuotable(_ target: ByteView, to line: inout ByteWriter) {
        guard target.firstIndex(of: UInt8(ascii: "\"")) != nil else {
            line.append(target)
            return
        }
        for i in 0..<target.count {
            if target[i] == UInt8(ascii: "\"") {
                line.append("#22")
            } else {
                line.append(target[i])
            }
        }
    }

    private func writeJSON(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        let client = exchange[].client
        appendJSONOpening(client, at: beginning(of: exchange), to: &line)
        line.append(client[].isTLS ? "\",\"tls\":true" : "\",\"tls\":false")
        appendOrigin(exchange, to: &line)
        writeJSONRequest(exchange, to: &line)
        let timers = timers(exchange)
        appendField(",\"status\":", Int64(exchange[].status), to: &line)
        appendField(",\"bytes\":", Int64(truncatingIfNeeded: exchange[].bytesOut), to: &line)
        appendField(",\"bytes_in\":", Int64(truncatingIfNeeded: exchange[].bytesIn), to: &line)
        appendField(",\"request_ms\":", timers.request, to: &line)
        appendField(",\"queue_ms\":", timers.queue, to: &line)
        appendField(",\"connect_ms\":", timers.connect, to: &line)
        appendField(",\"response_ms\":", timers.response, to: &line)
        appendField(",\"total_ms\":", timers.total, to: &line)
        appendField(",\"retries\":", Int64(exchange[].retries), to: &line)
        if let ruling = exchange[].ruling, ruling[].trace.isOn {
            line.append(",\"trace_id\":\"")
            ruling[].trace.own.writeTrace(to: &line)
            line.append("\"")
        }
        line.append(",\"termination\":\"")
        line.append(exchange[].termination.cause)
        line.append(exchange[].termination.phase)
        line.append("\"}\n")
    }

    func appendField(_ name: StaticString, _ value: Int64, to line: inout ByteWriter) {
        line.append(name)
        line.append(decimal: value)
    }

    private func appendOrigin(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        if let route = exchange[].route {
            line.append(",\"namespace\":\"")
            line.append(route._withUnsafeGuaranteedRef { $0.namespace.view })
            line.append("\",\"ingress\":\"")
            line.append(route._withUnsafeGuaranteedRef { $0.name.view })
            line.append("\"")
        }
        appendTarget(exchange, to: &line)
    }

    func appendTarget(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        line.append(",\"backend\":\"")
        if let backend = exchange[].backend {
            line.append(backend._withUnsafeGuaranteedRef { $0.name.view })
        }
        line.append("\",\"server\":\"")
        if let server = exchange[].server {
            line.append(server._withUnsafeGuaranteedRef { $0.name.view })
        } else if let delivery = exchange[].delivery {
            line.append(delivery[].name)
        }
        line.append("\"")
    }

    private func writeJSONRequest(_ exchange: Ref<Exchange>, to line: inout ByteWriter) {
        if let saved = exchange[].savedLine {
            saved._withUnsafeGuaranteedRef { saved in
                saved.method.withView { method in
                    saved.host.withView { host in
                        saved.target.withView { appendRequest(method, host, $0, to: &line) }
                    }
                }
            }
        } else if exchange[].headAt == 0 {
            appendRequest(.empty, .empty, .empty, to: &line)
        } else {
            let head = head(of: exchange)
            let target = head[exchange[].request.target.indices]
            appendRequest(
                head[exchange[].request.method.indices], head[exchange[].request.host.indices],
                target[0..<min(target.count, 4096)], to: &line)
        }
    }

    private func appendRequest(
        _ method: ByteView, _ host: ByteView, _ target: ByteView, to line: inout ByteWriter
    ) {
        line.append(",\"method\":\"")
        line.append(method)
        line.append("\",\"host\":\"")
        line.append(host)
        line.append("\",\"uri\":\"")
        // Targets are printable ASCII; only these two need an escape.
        var from = 0
        for i in 0..<target.count where target[i] == UInt8(ascii: "\"") || target[i] == UInt8(ascii: "\\") {
            line.append(target[from..<i])
            line.append("\\")
            from = i
        }
        line.append(target[from..<target.count])
        line.append("\"")
    }
}
