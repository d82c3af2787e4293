import Basics
import Model
import Wire

extension Worker {
    /// An exchange as expressions read it: its client, its request, where it goes.
    struct ExchangeSource: SampleSource {
        // Made for one call; counting it would cost more than most fetches.
        private let owner: Unmanaged<Worker>
        let exchange: Ref<Exchange>
        /// The head of its answer, while that is looked at.
        var answer: ByteView?

        var worker: Worker { owner._withUnsafeGuaranteedRef { $0 } }

        init(worker: Worker, exchange: Ref<Exchange>, answer: ByteView? = nil) {
            owner = Unmanaged.passUnretained(worker)
            self.exchange = exchange
            self.answer = answer
        }

        func fetch(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            owner._withUnsafeGuaranteedRef { fetch(code, literals, &cursor, &workspace, $0) }
        }

        private func fetch(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace, _ worker: Worker
        ) -> Sample? {
            switch code {
            case .boolean, .integer, .string, .binary, .address: code.constant(literals)
            case .random(let range): .integer(worker.randomNumber(below: range))
            case .date(let offset): .integer(worker.seconds &+ offset)
            case .ofClient(let fact): worker.read(fact, of: exchange[].client)
            case .certificate(let holder, let part, let name):
                worker.read(holder, part, name, literals, of: exchange[].client, &workspace)
            case .counter(let counter): worker.read(counter, of: exchange[].client, exchange, &workspace)
            case .tableUse(let table, let use): worker.use(of: table, use)
            case .ofBackend(let number, let fact, let server):
                worker.state(of: number, fact, server: server.map { literals[$0] })
            case .backendName:
                exchange[].backend.map { .string($0._withUnsafeGuaranteedRef { $0.name.view }) }
            case .serverName:
                exchange[].server.map { .string($0._withUnsafeGuaranteedRef { $0.name.view }) }
            case .status, .answerField, .answerFieldCount: ofAnswer(code, literals, &cursor)
            case .captured(let slot, let isAnswer): captured(.captured(slot, isAnswer: isAnswer), &workspace)
            case .ofCapture(.uniqueID):
                worker.uniqueID(of: exchange, &workspace) == nil ? nil : captured(.uniqueID, &workspace)
            case .ofCapture(let fact): line(fact, &workspace)
            case .authenticated, .groups, .credentials, .bearer:
                ofCredentials(code, literals, &cursor, &workspace)
            case .hashed(_, withSource: true): hashWithSource(code, literals, &cursor, &workspace)
            default: request(code, literals, &cursor, &workspace)
            }
        }

        /// The request's variables are gone then, and the answer's there.
        private var isAnswering: Bool { answer != nil || exchange[].hasAnswered }

        func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? {
            worker.variable(key, of: exchange[].client, exchange, isAnswering: isAnswering, &workspace)
        }

        func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {
            worker.setVariable(
                key, to: sample, conditions, of: exchange[].client, exchange, isAnswering: isAnswering)
        }

        func capture(_ text: ByteView, at slot: Int, isAnswer: Bool) {
            worker.keep(text, at: slot, isAnswer: isAnswer, exchange)
        }

        func unsetVariable(_ key: VariableKey) {
            worker.unsetVariable(key, of: exchange[].client, exchange)
        }

        func look(
            up sample: Sample, in table: UInt64, for lookup: TableLookup, _ workspace: inout SampleWorkspace
        ) -> Sample? { worker.look(up: sample, in: table, for: lookup, &workspace) }

        func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample? {
            worker.find(sample, in: list, &workspace)
        }

        /// A copy: what is kept may move when more is.
        private func captured(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? {
            let text = exchange[].ruling?[].captures.view(key)
            return text.flatMap { text in workspace.write { $0.append(text) } }.map { .string($0) }
        }

        private func line(_ fact: CaptureFact, _ workspace: inout SampleWorkspace) -> Sample? {
            guard exchange[].headAt > 0, !exchange[].isSession else { return nil }
            switch fact {
            case .method, .target, .uniqueID:
                let facts = LoggedFacts(worker: worker, client: exchange[].client, exchange: exchange)
                let variable: LogVariable = fact == .method ? .method : .target
                return workspace.write { facts.writeRequest(variable, [], to: &$0) }.map { .string($0) }
            case .requestVersion:
                let isOld = exchange[].request.minorVersion == 0 && !exchange[].client[].transport.isStream
                return .string((isOld ? "HTTP/1.0" : "HTTP/1.1" as StaticString).view)
            case .answerVersion:
                guard exchange[].response.status > 0 else { return nil }
                return .string(("HTTP/1.1" as StaticString).view)
            }
        }

        private func ofAnswer(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor
        ) -> Sample? {
            guard let answer else { return nil }
            switch code {
            case .status: return .integer(Int64(exchange[].response.status))
            case .answerFieldCount(let name, let isWhole):
                let name = literals[name]
                return .integer(
                    Int64(FieldValues.count(exchange[].response.fields, answer, name, isWhole: isWhole)))
            case .answerField(let field):
                let name = literals[field.name]
                let value =
                    cursor.isOfEach && field.occurrence == 0
                    ? cursor.nextField(exchange[].response.fields, answer, name, isWhole: field.isWhole)
                    : FieldValues.value(
                        field.occurrence == 0 ? -1 : field.occurrence, exchange[].response.fields, answer,
                        name, isWhole: field.isWhole)
                return value.flatMap { RequestSamples.read($0, field.type) }
            default: return nil
            }
        }

        private func request(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            let client = exchange[].client
            // Of a session there is no head, and later on its bytes are gone.
            guard exchange[].request.count > 0, exchange[].savedLine == nil else { return nil }
            let head = worker.head(of: exchange)
            let samples = RequestSamples(
                head: head, path: worker.path(of: exchange, in: head), isFirst: client[].requests == 1,
                isHTTP2: client[].transport.isStream)
            return samples.fetch(code, literals, of: exchange[].request, &cursor, &workspace)
        }

        private func hashWithSource(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            guard let number = request(code, literals, &cursor, &workspace)?.number else { return nil }
            let address = exchange[].client[].address
            let bytes = workspace.write {
                $0.append(UInt64(UInt32(truncatingIfNeeded: number).bigEndian), 0, count: 4)
                address.write(networkOrderTo: &$0, asV6: address.isV6)
            }
            return bytes.map { .binary($0) }
        }
    }
}
