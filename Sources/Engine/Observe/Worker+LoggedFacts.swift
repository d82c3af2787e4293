import Basics
import Model
import Wire

extension Worker {
    /// What formats say of a client and, if there is one, of its exchange: in logs at the end, in fields on the way. What is not
    /// known there is -1 or a dash, as HAProxy has it.
    struct LoggedFacts {
        // Made for one call; counting it would cost more than most variables.
        unowned(unsafe) let worker: Worker
        let client: Ref<ClientConnection>
        let exchange: Ref<Exchange>?

        /// Writes what a variable is; false if that is nothing at all.
        func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool {
            // Names and addresses need no encoding: they are ours, whatever they are written into.
            let flags = flags.subtracting(.encoded)
            switch variable {
            case .requestFields, .requestFieldList, .responseFields, .responseFieldList:
                return writeCaptured(variable, flags, to: &line)
            case .clientAddress, .clientPort, .frontendAddress, .frontendPort, .frontend,
                .frontendAndTransport,
                .backend, .sourceAddress, .sourcePort, .server, .serverAddress, .serverPort, .tlsCipher,
                .tlsVersion:
                writeEnd(variable, flags, to: &line)
            case .acceptDate, .acceptDateUTC, .acceptDateLocal, .acceptSeconds, .acceptMilliseconds,
                .requestDate,
                .requestDateUTC, .requestDateLocal:
                writeDate(variable, flags, to: &line)
            case .handshakeTime, .idleTime, .requestTime, .requestTimeFromAccept, .queueTime, .connectTime,
                .responseTime, .dataTime, .activeTime, .totalTime, .userTime:
                line.append(decimal: milliseconds(of: variable))
            case .bytesOut, .bytesIn, .openConnections, .frontendConnections, .backendConnections,
                .serverConnections, .retries, .serverQueue, .backendQueue, .requestNumber, .logNumber,
                .status:
                writeCount(variable, flags, to: &line)
            case .termination, .terminationAndCookie: writeTermination(variable, to: &line)
            case .requestLine, .method, .pathOrAddress, .path, .query, .target, .version:
                writeRequest(variable, flags, to: &line)
            case .requestCookie, .responseCookie, .uniqueID: writeKept(variable, flags, to: &line)
            case .hostName: line.append(worker.log.process.hostName.view, as: flags)
            case .processID: line.append(Int64(worker.log.process.id), as: flags)
            case .origin: line.append(LogStep.origin(worker.log.moment).view, as: flags)
            }
            return true
        }

        /// Whether this is about a client that was there for requests and had none.
        var isEmpty: Bool { exchange == nil && client[].phase == .request }

        // MARK: Both ends

        private func writeEnd(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) {
            switch variable {
            case .clientAddress:
                guard flags.isDisjoint(with: [.quoted, .hexadecimal]) else {
                    return line.append(client[].address, as: flags)
                }
                client[].addressText.write(to: &line, of: client[].address)
            case .clientPort: line.append(Int64(client[].address.port), as: flags)
            case .frontendAddress: line.append(worker.destination(of: client), as: flags)
            case .frontendPort: line.append(Int64(worker.destination(of: client).port), as: flags)
            case .frontend: line.append(frontendName, as: flags)
            case .frontendAndTransport:
                if flags.contains(.quoted) { line.append("\"") }
                line.append(frontendName)
                if client[].isTLS { line.append("~") }
                if flags.contains(.quoted) { line.append("\"") }
            case .backend:
                line.append(
                    exchange?[].backend.map { $0._withUnsafeGuaranteedRef { $0.name.view } } ?? frontendName,
                    as: flags)
            case .server: line.append(serverName, as: flags)
            case .tlsVersion: line.append(worker.carrier(of: client)[].transport.tls?.versionName, as: flags)
            case .tlsCipher: line.append(worker.carrier(of: client)[].transport.tls?.cipher, as: flags)
            default: writeServerEnd(variable, flags, to: &line)
            }
        }

        private func writeServerEnd(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter)
        {
            let isServer = variable == .serverAddress || variable == .serverPort
            let address = isServer ? serverAddress : sourceAddress
            guard let address else { return line.append(nil, as: flags) }
            if variable == .serverAddress || variable == .sourceAddress {
                line.append(address, as: flags)
            } else {
                line.append(Int64(address.port), as: flags)
            }
        }

        private var frontendName: ByteView {
            worker.frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef { $0.name.view }
        }

        private var serverName: ByteView {
            if let server = exchange?[].server { return server._withUnsafeGuaranteedRef { $0.name.view } }
            return (exchange?[].delivery?[].name ?? "<NOSRV>").view
        }

        private var serverAddress: SocketAddress? {
            guard let exchange, exchange[].assignedAt > 0 else { return nil }
            return exchange[].server?._withUnsafeGuaranteedRef { $0.address }
        }

        private var sourceAddress: SocketAddress? {
            guard let connection = exchange?[].serverConnection, connection[].transport.channel == nil else {
                return nil
            }
            return Listener.localAddress(connection[].transport.descriptor)
        }

        // MARK: Ends

        private func writeTermination(_ variable: LogVariable, to line: inout ByteWriter) {
            let termination = exchange?[].termination ?? (isEmpty ? .clientGoneInRequest : .badRequest)
            line.append(termination.cause)
            line.append(termination.phase)
            guard variable == .terminationAndCookie else { return }
            guard let exchange, worker.tellsOfCookie(exchange) else { return line.append("--") }
            line.append(exchange[].cookie.request.rawValue)
            line.append(exchange[].cookie.response.rawValue)
        }
    }
}

extension Worker.ExchangeSource: FormatSource {
    func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool {
        Worker.LoggedFacts(worker: worker, client: exchange[].client, exchange: exchange)
            .write(variable, flags, to: &line)
    }

    func write(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        Worker.LoggedFacts(worker: worker, client: exchange[].client, exchange: exchange)
            .write(fact, flags, to: &line)
    }
}

extension Worker.SessionSource: FormatSource {
    func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool {
        Worker.LoggedFacts(worker: worker, client: client, exchange: client[].exchange)
            .write(variable, flags, to: &line)
    }

    func write(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
        Worker.LoggedFacts(worker: worker, client: client, exchange: client[].exchange)
            .write(fact, flags, to: &line)
    }
}
