import Basics
import Model
import Wire

extension Worker {
    /// An exchange as expressions read it: its client, its request, where it goes.
    struct ExchangeSource: SampleSource {
        // Made for one call; counting it would cost more than most fetches.
        unowned(unsafe) let worker: Worker
        let exchange: Ref<Exchange>

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
            case .hashed(_, withSource: true): hashWithSource(code, literals, &cursor, &workspace)
            default: request(code, literals, &cursor, &workspace)
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
