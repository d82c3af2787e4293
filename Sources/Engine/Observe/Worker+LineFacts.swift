import Basics
import Model
import Wire

/// What lines say under nginx's names.
extension Worker.LoggedFacts {
    /// Writes what a fact is.
    func write(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        switch fact {
        case .localTime: worker.log.dates.write(worker.clock.realtime, .localWithOffset, to: &line)
        case .isoTime: worker.log.dates.write(worker.clock.realtime, .iso, to: &line)
        case .seconds: line.append(seconds: Int64(worker.clock.realtime / 1_000_000))
        case .requestLine, .method, .target, .version: writeRequest(fact, flags, to: &line)
        case .requestLength, .bytesReceived:
            line.append(decimal: Int64(truncatingIfNeeded: exchange?[].bytesIn ?? 0))
        case .requestTime, .sessionTime:
            line.append(seconds: exchange.map { worker.timers($0).total } ?? 0)
        case .connectionRequests: line.append(decimal: Int64(client[].requests))
        case .completion: if exchange?[].termination == .normal { line.append("OK") }
        case .status, .sessionStatus: writeStatus(fact, to: &line)
        case .bytesSent: line.append(decimal: Int64(truncatingIfNeeded: exchange?[].bytesOut ?? 0))
        case .bodyBytesSent: line.append(decimal: bodySent)
        case .serverAddress, .serverStatus, .serverTime, .connectTime, .headTime, .serverLength,
            .serverBytesIn, .serverBytesOut:
            writeAttempts(fact, flags, to: &line)
        case .namespace, .ingress, .service, .servicePort, .backend, .alternative:
            writePlace(fact, flags, to: &line)
        case .trace, .span: writeTrace(fact, to: &line)
        }
    }

    /// Bytes of the answer's body.
    var bodySent: Int64 {
        guard let exchange else { return 0 }
        return Int64(truncatingIfNeeded: exchange[].bytesOut &- min(exchange[].headOut, exchange[].bytesOut))
    }

    // MARK: The request

    private func writeRequest(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        let isKnown = withRequestLine { write(fact, flags, $0, $1, to: &line) }
        if !isKnown { line.appendNothing(ofLine: flags) }
    }

    private func write(
        _ fact: LineFact, _ flags: FormatFlags, _ method: ByteView, _ target: ByteView,
        to line: inout ByteWriter
    ) {
        switch fact {
        case .method: line.appendLineText(method, flags)
        case .target: line.appendLineText(target, flags)
        case .version: line.append(version)
        default:
            line.appendLineText(method, flags)
            line.append(" ")
            line.appendLineText(target, flags)
            line.append(" ")
            line.append(version)
        }
    }

    // MARK: The answer

    private func writeStatus(_ fact: LineFact, to line: inout ByteWriter) {
        let status = fact == .status ? status : sessionStatus
        line.append(status < 10 ? "00" : status < 100 ? "0" : "")
        line.append(decimal: status)
    }

    /// nginx's 499 is a client that has not waited, and its 400 one that has not asked.
    private var status: Int64 {
        guard let exchange else { return 400 }
        guard exchange[].status == 0 else { return Int64(exchange[].status) }
        guard exchange[].headAt > 0 else { return 400 }
        return exchange[].termination.cause == UInt8(ascii: "C") ? 499 : 0
    }

    /// What nginx says of a session by how it ends: 200, 403 or 502.
    private var sessionStatus: Int64 {
        guard let exchange else { return 400 }
        if exchange[].connectedAt > 0 { return 200 }
        return exchange[].termination.cause == UInt8(ascii: "P") ? 403 : 502
    }

    private func writeTrace(_ fact: LineFact, to line: inout ByteWriter) {
        guard let ruling = exchange?[].ruling, ruling[].trace.isOn else { return }
        if fact == .trace {
            ruling[].trace.own.writeTrace(to: &line)
        } else {
            line.append(hexDigits: ruling[].trace.own.span)
        }
    }

    // MARK: Where it belongs

    private func writePlace(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        guard let route = exchange?[].route else { return writeNowhere(fact, flags, to: &line) }
        route._withUnsafeGuaranteedRef { route in
            switch fact {
            case .namespace: return line.append(route.namespace.view)
            case .ingress: return line.append(route.name.view)
            default: break
            }
            guard let main = route.backend else { return writeNowhere(fact, flags, to: &line) }
            let place = ServicePlace(main.name.view)
            switch fact {
            case .service: line.append(place.service)
            case .servicePort: line.append(place.port)
            case .backend: place.write(to: &line)
            default: writeAlternative(to: main, route, to: &line)
            }
        }
    }

    /// Nothing of a session but the pool that it goes to, and of a request that is nobody's the name of what answers it.
    private func writeNowhere(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        guard fact == .backend else { return }
        guard let exchange, exchange[].headAt > 0 || exchange[].isSession else {
            return line.appendNothing(ofLine: flags)
        }
        guard exchange[].isSession else { return line.append("upstream-default-backend") }
        guard let backend = exchange[].backend else { return line.appendNothing(ofLine: flags) }
        backend._withUnsafeGuaranteedRef { backend in
            ServicePlace(backend.name.view).write(to: &line)
        }
    }

    private func writeAlternative(
        to main: BackendState, _ route: CompiledRoute, to line: inout ByteWriter
    ) {
        guard route.alternatives != nil, let exchange, exchange[].errand == .none,
            let chosen = exchange[].backend
        else { return }
        chosen._withUnsafeGuaranteedRef { chosen in
            let (other, own) = (ServicePlace(chosen.name.view), ServicePlace(main.name.view))
            if !other.service.equals(own.service) || !other.port.equals(own.port) { other.write(to: &line) }
        }
    }
}

/// The parts of a pool's name, `namespace/service:port` and whatever stands behind that.
struct ServicePlace {
    let namespace: ByteView
    let service: ByteView
    let port: ByteView

    /// Of another name all is the service.
    init(_ name: ByteView) {
        let slash = name.firstIndex(of: UInt8(ascii: "/"))
        namespace = name[0..<(slash ?? 0)]
        let rest = name[(slash.map { $0 + 1 } ?? 0)..<name.count]
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else {
            (service, port) = (rest, .empty)
            return
        }
        service = rest[0..<colon]
        var end = colon + 1
        while end < rest.count, rest[end] >= UInt8(ascii: "0"), rest[end] <= UInt8(ascii: "9") { end += 1 }
        port = rest[colon + 1..<end]
    }

    /// Appends `namespace-service-port`.
    func write(to line: inout ByteWriter) {
        if !namespace.isEmpty {
            line.append(namespace)
            line.append("-")
        }
        line.append(service)
        guard !port.isEmpty else { return }
        line.append("-")
        line.append(port)
    }
}
