import Basics
import Model
import Wire

extension Worker {
    /// A connection as expressions read it before it is given to a server: its client, and its first message where that was
    /// looked at.
    struct SessionSource: SampleSource {
        // Made for one call; counting it would cost more than most fetches.
        unowned(unsafe) let worker: Worker
        let client: Ref<ClientConnection>
        /// Nil if TLS ends here, or is not what the client speaks.
        let hello: ClientHello?
        let message: ByteView
        /// Whether more of that message has to come before it is known.
        var isHelloOpen = false
        /// The connection's first bytes; nil if nobody has looked.
        var received: ByteView?
        /// The server's first bytes in place of them.
        var answer: ByteView?
        /// Whether there will be no more of them that count.
        var isWhole = true

        func fetch(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            switch code {
            case .ofHandshake(let fact): worker.read(fact, ofTLS: client, &workspace)
            case .ofClient(let fact): worker.read(fact, of: client)
            case .certificate(let holder, let part, let name):
                worker.read(holder, part, name, literals, of: client, &workspace)
            case .announced(let type): worker.announced(type, of: client, &cursor)
            case .offer(let read): worker.read(read, of: client, &workspace)
            case .counter(let counter): worker.read(counter, of: client, nil, &workspace)
            case .tableUse(let table, let use): worker.use(of: table, use)
            case .ofBackend(let number, let fact, let server):
                worker.state(of: number, fact, server: server.map { literals[$0] })
            case .ofFrontend, .ofExchange, .tcp, .moment:
                worker.read(code, literals, of: client, client[].exchange, &workspace)
            case .ofHello(let fact):
                if isHelloOpen {
                    none(&workspace)
                } else {
                    hello.flatMap { read(fact, $0, &cursor, &workspace) }
                }
            case .payload(let read): payload(read, in: received, &workspace)
            case .answerPayload(let read): payload(read, in: answer, &workspace)
            case .desktopCookie(let name, let isCount):
                desktopCookie(literals[name], isCount: isCount, &workspace)
            case .backendName:
                client[].exchange?[].backend.map { .string($0._withUnsafeGuaranteedRef { $0.name.view }) }
            case .serverName:
                client[].exchange?[].server.map { .string($0._withUnsafeGuaranteedRef { $0.name.view }) }
            case .random(let range): .integer(worker.randomNumber(below: range))
            case .date(let offset): .integer(worker.seconds &+ offset)
            case .uuid(let version): worker.uuid(version, &workspace)
            default: code.constant(literals)
            }
        }

        private func none(_ workspace: inout SampleWorkspace) -> Sample? {
            workspace.lack = .missing
            return nil
        }

        private func payload(
            _ read: PayloadRead, in received: ByteView?, _ workspace: inout SampleWorkspace
        ) -> Sample? {
            guard let received else { return nil }
            switch Payload(read, in: received) {
            case .bytes(let bytes, let isAll):
                if isAll, !isWhole { workspace.lack = .partial }
                return read == .length ? .integer(Int64(bytes.count)) : .binary(bytes)
            case .never: return nil
            case .notYet: return isWhole ? nil : none(&workspace)
            }
        }

        private func desktopCookie(
            _ name: ByteView, isCount: Bool, _ workspace: inout SampleWorkspace
        ) -> Sample? {
            guard let received else { return nil }
            switch DesktopCookie(name, in: received) {
            case .value(let value): return isCount ? .integer(1) : .string(value)
            case .absent: return isCount ? .integer(0) : nil
            case .notYet: return isWhole ? nil : none(&workspace)
            }
        }

        func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? {
            worker.variable(key, of: client, client[].exchange, isAnswering: answer != nil, &workspace)
        }

        func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {
            worker.setVariable(
                key, to: sample, conditions, of: client, client[].exchange, isAnswering: answer != nil)
        }

        func unsetVariable(_ key: VariableKey) { worker.unsetVariable(key, of: client, client[].exchange) }

        func look(
            up sample: Sample, in table: UInt64, for lookup: TableLookup, _ workspace: inout SampleWorkspace
        ) -> Sample? { worker.look(up: sample, in: table, for: lookup, &workspace) }

        func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample? {
            worker.find(sample, in: list, &workspace)
        }

        private func read(
            _ fact: HelloFact, _ hello: ClientHello, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            switch fact {
            case .serverName: return hello.serverName.map { .string(message[$0]) }
            case .type: return .integer(1)
            case .version:
                return .integer(Int64(hello.legacyVersion >> 8) << 16 | Int64(hello.legacyVersion & 0xFF))
            case .applicationProtocols:
                var names = hello.protocols(in: message)
                return (cursor.isOfEach ? cursor.nextProtocol(names) : names.next()).map { .string($0) }
            case .ciphers: return hello.ciphers.map { .binary(message[$0]) }
            case .groups: return hello.groups.map { .binary(message[$0]) }
            case .signatures: return hello.signatures.map { .binary(message[$0]) }
            case .keyShareGroups:
                return hello.keyShareGroups(in: message).flatMap { groups in
                    workspace.write { writer in groups.withView { writer.append($0) } }
                }.map { .binary($0) }
            case .namesGroups: return .boolean(hello.namesGroups)
            case .ticket: return .integer(hello.hasTicket.map { $0 ? 2 : 1 } ?? 0)
            }
        }
    }
}
