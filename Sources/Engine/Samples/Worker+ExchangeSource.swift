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
        /// Whether the worker's plain request is its own, as it is now.
        private var isSeen = false

        var worker: Worker { owner._withUnsafeGuaranteedRef { $0 } }

        init(worker: Worker, exchange: Ref<Exchange>, answer: ByteView? = nil) {
            owner = Unmanaged.passUnretained(worker)
            self.exchange = exchange
            self.answer = answer
        }

        /// Finds out where the parts of the request stand, for all tests that come, until something may have changed it.
        mutating func look() {
            // Of a session there is no head, and later on its bytes are gone.
            guard !isSeen, exchange[].request.count > 0, exchange[].savedLine == nil else { return }
            isSeen = true
            let client = exchange[].client
            owner._withUnsafeGuaranteedRef { worker in
                let head = worker.head(of: exchange)
                worker.seen[0] = PlainRequest(
                    exchange[].request, head: head, target: worker.path(of: exchange, in: head),
                    source: client[].address,
                    isTLS: client[].isTLS)
            }
        }

        /// What was found out may be true no more.
        mutating func lookAway() { isSeen = false }

        func holds(
            _ test: Ref<PlainTest>, _ literals: ByteView, _ whole: Ref<CompiledTest>,
            _ workspace: inout SampleWorkspace
        ) -> Bool? {
            guard isSeen else { return nil }
            return owner._withUnsafeGuaranteedRef { worker in
                test.holds(
                    of: worker.seen.reference(0), exchange[].request.fields, literals, whole, &workspace)
            }
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
            case .ofHandshake(let fact): worker.read(fact, ofTLS: exchange[].client, &workspace)
            case .ofClient(let fact): worker.read(fact, of: exchange[].client)
            case .certificate(let holder, let part, let name):
                worker.read(holder, part, name, literals, of: exchange[].client, &workspace)
            case .announced(let type): worker.announced(type, of: exchange[].client, &cursor)
            case .offer(let read): worker.read(read, of: exchange[].client, &workspace)
            case .counter(let counter): worker.read(counter, of: exchange[].client, exchange, &workspace)
            case .tableUse(let table, let use): worker.use(of: table, use)
            case .ofBackend(let number, let fact, let server):
                worker.state(of: number, fact, server: server.map { literals[$0] })
            case .ofFrontend, .ofExchange, .tcp, .moment:
                worker.read(code, literals, of: exchange[].client, exchange, &workspace)
            case .message(let read) where read.isAnswer:
                answer.flatMap {
                    MessageText(read: read, head: $0, isOld: exchange[].response.minorVersion == 0)
                        .sample(of: exchange[].response.fields, &workspace)
                }
            case .backendName:
                exchange[].backend.map { .string($0._withUnsafeGuaranteedRef { $0.name.view }) }
            case .serverName:
                exchange[].server.map { .string($0._withUnsafeGuaranteedRef { $0.name.view }) }
            case .uuid(let version): worker.uuid(version, &workspace)
            case .status, .answerField, .answerFieldCount, .answerCookie, .answerCookieCount:
                ofAnswer(code, literals, &cursor)
            case .captured(let slot, let isAnswer): captured(.captured(slot, isAnswer: isAnswer), &workspace)
            case .ofCapture(.uniqueID):
                worker.uniqueID(of: exchange, &workspace) == nil ? nil : captured(.uniqueID, &workspace)
            case .ofCapture(let fact): line(fact, &workspace)
            case .told(let fact): worker.told(fact, of: exchange, &workspace)
            case .body(let read): body(read, literals, &cursor)
            case .answerBody(let read): body(ofAnswer: read)
            case .payload(let read): worker.payload(read, of: exchange)
            case .desktopCookie(let name, let isCount): desktopCookie(literals[name], isCount: isCount)
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
            owner._withUnsafeGuaranteedRef { worker in
                worker.setVariable(
                    key, to: sample, conditions, of: exchange[].client, exchange, isAnswering: isAnswering)
            }
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

        func find(
            _ map: Ref<PlainMap>, _ literals: ByteView, _ workspace: inout SampleWorkspace
        ) -> PlainMap.Finding? {
            guard exchange[].request.count > 0, exchange[].savedLine == nil else { return nil }
            return owner._withUnsafeGuaranteedRef { worker in
                map.find(
                    in: worker.patternIndex(map.list),
                    host: worker.head(of: exchange)[exchange[].request.host.indices],
                    target: worker.path(of: exchange, in: worker.head(of: exchange)),
                    source: exchange[].client[].address, literals, &workspace)
            }
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

        /// An empty value is nobody's: it is not hashed, and no table keeps it.
        private func desktopCookie(_ name: ByteView, isCount: Bool) -> Sample? {
            switch worker.desktopCookie(name, of: exchange) {
            case .value(let value)?: isCount ? .integer(1) : value.isEmpty ? nil : .string(value)
            case .absent?: isCount ? .integer(0) : nil
            case .notYet?, nil: nil
            }
        }

        /// Once it goes to a server it is not here any more.
        private func body(
            _ code: FetchCode.BodyCode, _ literals: ByteView, _ cursor: inout SampleCursor
        ) -> Sample? {
            guard !exchange[].isSession, exchange[].request.count > 0, exchange[].serverConnection == nil,
                exchange[].savedLine == nil
            else { return nil }
            let body = worker.initialBody(of: exchange)
            switch code {
            case .bytes: return .binary(body)
            case .length: return .integer(Int64(body.count))
            case .size:
                guard case .length(let count) = exchange[].request.framing else {
                    return .integer(Int64(body.count))
                }
                return .integer(count)
            case .field(let name):
                let name = name.map { literals[$0] }
                guard cursor.isOfEach else {
                    var fields = QueryParameters(form: body, name)
                    return fields.next().map { .binary($0) }
                }
                return cursor.nextField(ofForm: body, name).map { .binary($0) }
            }
        }

        /// As much of it as rules have waited for, or as came with the head.
        private func body(ofAnswer code: FetchCode.BodyCode) -> Sample? {
            guard answer != nil else { return nil }
            let held = exchange[].ruling?[].held
            let body = held.map { $0[].content.view } ?? .empty
            switch code {
            case .bytes: return .binary(body)
            case .size where held != nil:
                return .integer(exchange[].response.announcedLength ?? Int64(body.count))
            default: return .integer(Int64(body.count))
            }
        }

        private func ofAnswer(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor
        ) -> Sample? {
            guard let answer else { return nil }
            return AnswerSamples.fetch(
                code, literals, &cursor, status: exchange[].response.status, exchange[].response.fields,
                in: answer)
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
            guard !address.isLocal else { return nil }
            let bytes = workspace.write {
                $0.append(UInt64(UInt32(truncatingIfNeeded: number).bigEndian), 0, count: 4)
                address.write(networkOrderTo: &$0, asV6: address.isV6)
            }
            return bytes.map { .binary($0) }
        }
    }
}
