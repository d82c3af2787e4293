import Basics
import Model
import Wire

extension Worker {
    /// An exchange as expressions read it: its client, its request, where it goes.
    struct ExchangeSource: SampleSource {
        // Made for one call; counting it would cost more than most fetches.
        unowned(unsafe) let worker: Worker
        let exchange: Ref<Exchange>
        /// The head of its answer, while that is looked at.
        var answer: ByteView?

        func fetch(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            switch code {
            case .boolean, .integer, .string, .binary, .address: code.constant(literals)
            case .random(let range): .integer(worker.randomNumber(below: range))
            case .date(let offset): .integer(worker.seconds &+ offset)
            case .ofClient(let fact): worker.read(fact, of: exchange[].client)
            case .backendName:
                exchange[].backend.map { .string($0._withUnsafeGuaranteedRef { $0.name.view }) }
            case .status, .answerField, .answerFieldCount: ofAnswer(code, literals, &cursor)
            case .hashed(_, withSource: true): hashWithSource(code, literals, &cursor, &workspace)
            default: request(code, literals, &cursor, &workspace)
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
