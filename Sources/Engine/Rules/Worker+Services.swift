import Basics
import Model
import Wire

/// Answers that something inside the process gives in place of a server: they go the way of those that a cache has kept, so they may be of
/// any size.
extension Worker {
    /// Asks a service and gives its answer. What it takes is the worker's time: these are pages for operators.
    func serve(_ exchange: Ref<Exchange>, _ service: HTTPService) {
        let head = head(of: exchange)
        let name = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef {
            $0.name.view.string
        }
        var authorization = ""
        exchange[].request.fields.forEach { field in
            if field.name(in: head).equalsIgnoringCase("authorization") {
                authorization = field.value(in: head).string
            }
        }
        let answer = snapshot.services.answer(
            ServiceRequest(
                service: service, target: head[exchange[].request.target.indices].string,
                authorization: authorization, frontend: name))
        let kept = Unmanaged.passRetained(CachedAnswer(answer))
        if !exchange[].requestBody.isComplete || isDraining { exchange[].keepsClient = false }
        guard !deliver(kept, named: service.title, to: exchange, { Worker.write(answer, to: &$0) }) else {
            return
        }
        endDelivery(exchange)
        self.answer(exchange, status: 500, as: .answeredLocally)
    }

    private static func write(_ answer: ServiceAnswer, to output: inout ByteWriter) {
        output.append("HTTP/1.1 ")
        output.append(decimal: Int64(answer.status), then: UInt8(ascii: " "))
        output.append(HTTPStatus.reason(answer.status))
        output.append("\r\n")
        Array("Content-Type: \(answer.type)\r\n\(answer.fields)".utf8).withView { output.append($0) }
        output.append("Content-Length: ")
        output.append(decimal: Int64(answer.body.count))
        output.append("\r\n\r\n")
    }
}

extension HTTPService {
    /// As the log names it in a server's place.
    fileprivate var title: StaticString {
        switch self {
        case .prometheus: "<PROMEX>"
        case .statistics: "<STATS>"
        }
    }
}

extension CachedAnswer {
    /// An answer that nobody finds: it is gone when it has been sent.
    fileprivate convenience init(_ answer: ServiceAnswer) {
        var body = Buffer(capacity: max(1, answer.body.count))
        answer.body.withView { _ = body.append($0) }
        self.init(
            key: CacheKey(.empty), head: Buffer(), body: body, tag: [],
            facts: Facts(cameAt: 0, goodUntil: 0, age: 0, modified: 0), size: 0, of: CacheBudget(limit: 0))
    }
}
