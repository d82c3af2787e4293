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

        func fetch(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            switch code {
            case .ofClient(let fact): worker.read(fact, of: client)
            case .certificate(let holder, let part, let name):
                worker.read(holder, part, name, literals, of: client, &workspace)
            case .counter(let counter): worker.read(counter, of: client, nil, &workspace)
            case .tableUse(let table, let use): worker.use(of: table, use)
            case .ofBackend(let number, let fact, let server):
                worker.state(of: number, fact, server: server.map { literals[$0] })
            case .ofHello(let fact): hello.flatMap { read(fact, $0, &cursor) }
            case .random(let range): .integer(worker.randomNumber(below: range))
            case .date(let offset): .integer(worker.seconds &+ offset)
            default: code.constant(literals)
            }
        }

        func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? {
            worker.variable(key, of: client, client[].exchange, isAnswering: false, &workspace)
        }

        func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {
            worker.setVariable(key, to: sample, conditions, of: client, client[].exchange, isAnswering: false)
        }

        func unsetVariable(_ key: VariableKey) { worker.unsetVariable(key, of: client, client[].exchange) }

        func look(
            up sample: Sample, in table: UInt64, for lookup: TableLookup, _ workspace: inout SampleWorkspace
        ) -> Sample? { worker.look(up: sample, in: table, for: lookup, &workspace) }

        func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample? {
            worker.find(sample, in: list, &workspace)
        }

        private func read(_ fact: HelloFact, _ hello: ClientHello, _ cursor: inout SampleCursor) -> Sample? {
            switch fact {
            case .serverName: return hello.serverName.map { .string(message[$0]) }
            case .type: return .integer(1)
            case .applicationProtocols:
                var names = hello.protocols(in: message)
                return (cursor.isOfEach ? cursor.nextProtocol(names) : names.next()).map { .string($0) }
            }
        }
    }
}
