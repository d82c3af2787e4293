import Basics
import Model
import Wire

/// Answers that something inside the process gives in place of a server: they go the way of those that a cache has kept, so they may be of
/// any size.
extension Worker {
    /// Asks a service and gives its answer, if the request may have it. What it takes is the worker's time: these are pages for operators.
    func serve(_ exchange: Ref<Exchange>, _ service: CompiledService, _ list: Ref<RuleList>) {
        let source = ExchangeSource(worker: self, exchange: exchange)
        for (place, action) in service.access.enumerated() {
            guard let applies = holds(service.conditions.lowerBound + place, list, source) else { return }
            guard applies else { continue }
            if case .allow = action { break }
            _ = act(action, list, exchange)
            return
        }
        var mayChange = false
        for condition in service.admins where !mayChange {
            guard let holds = holds(condition, list, source) else { return }
            mayChange = holds
        }
        if mayChange, isPost(exchange), pauses(exchange, for: BodyWait(time: 10_000), before: service.rule) {
            return
        }
        let answer = snapshot.services.answer(request(exchange, to: service.service, mayChange: mayChange))
        let kept = Unmanaged.passRetained(CachedAnswer(answer))
        if !exchange[].requestBody.isComplete || isDraining { exchange[].keepsClient = false }
        guard !deliver(kept, named: service.service.title, to: exchange, { Worker.write(answer, to: &$0) })
        else {
            return
        }
        endDelivery(exchange)
        self.answer(exchange, status: 500, as: .answeredLocally)
    }

    /// The request as a service reads it.
    private func request(_ exchange: Ref<Exchange>, to service: HTTPService, mayChange: Bool)
        -> ServiceRequest
    {
        let head = head(of: exchange)
        var fields: [String: String] = [:]
        exchange[].request.fields.forEach { field in
            let (name, value) = (field.name(in: head).string.lowercased(), field.value(in: head).string)
            fields[name] = fields[name].map { "\($0), \(value)" } ?? value
        }
        var request = ServiceRequest(
            service: service, target: head[exchange[].request.target.indices].string, fields: fields)
        request.method = head[exchange[].request.method.indices].string
        request.host = head[exchange[].request.host.indices].string
        request.mayChange = mayChange
        if exchange[].requestBody.isComplete { request.body = initialBody(of: exchange).bytes }
        return request
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
