import Basics
import Model
import Wire

/// Traces of requests: who sends one is believed or not, the server is told of our span, and the span is written when the exchange
/// ends. All of it hangs on the rules of routes that are traced; other requests meet nothing of it.
extension Worker {
    /// Begins a request's trace: `traceparent` and `tracestate` become what the server, who is asked and who gets a copy are told.
    func beginTrace(_ exchange: Ref<Exchange>, _ route: Ref<CompiledRouteTracing>) {
        let frontend = frontends[Int(exchange[].client[].frontend)]
        let tracing = frontend._withUnsafeGuaranteedRef { $0.tracing }
        let count = exchange[].request.fields.count
        guard let ruling = withOwnHead(exchange), !ruling[].trace.isOn else { return }
        let parent = route[].trustsClient ? clientsTrace(exchange, in: ruling[].head.view) : nil
        var own = TraceParent(
            traceHigh: parent?.traceHigh ?? random.next(), traceLow: parent?.traceLow ?? random.next(),
            span: random.next(), isSampled: false)
        own.isSampled = tracing.samples(traceLow: own.traceLow, parent: parent)
        guard tell(own, exchange, ruling) else { return }
        (ruling[].trace.own, ruling[].trace.parent) = (own, parent?.span ?? 0)
        ruling[].trace.state = replaceClientsFields(
            exchange, in: ruling[].head.view, before: count, keepsState: parent != nil)
        guard own.isSampled, tracing.records, route[].hasName, compose(route[].name, for: exchange) else {
            return
        }
        headBuffers.lend(to: &ruling[].trace.name)
        ruling[].trace.name.append(composed.view)
    }

    /// The one trace that the client says its request belongs to; nil if there is none, or more than one.
    private func clientsTrace(_ exchange: Ref<Exchange>, in head: ByteView) -> TraceParent? {
        var (found, isTwice): (ByteView?, Bool) = (nil, false)
        for i in 0..<exchange[].request.fields.count {
            let field = exchange[].request.fields[i]
            guard !field.isRemoved, field.name(in: head).equalsIgnoringCase("traceparent") else { continue }
            isTwice = found != nil
            found = field.value(in: head)
        }
        guard let found, !isTwice else { return nil }
        return TraceParent(found)
    }

    /// Adds our `traceparent` to the request; false, and nothing changed, if it has no room.
    private func tell(_ own: TraceParent, _ exchange: Ref<Exchange>, _ ruling: Ref<Ruling>) -> Bool {
        headScratch.reset()
        return headScratch.write { own.write(to: &$0) }
            && exchange[].request.add(
                ("traceparent" as StaticString).view, headScratch.view, to: &ruling[].head)
    }

    /// Forgets what the client has sent of a trace. Where its `tracestate` stays, the first of them is the answer.
    private func replaceClientsFields(
        _ exchange: Ref<Exchange>, in head: ByteView, before count: Int, keepsState: Bool
    ) -> HeadRange {
        var state = HeadRange()
        for i in 0..<count {
            let field = exchange[].request.fields[i]
            guard field.nameCount == 10 || field.nameCount == 11 else { continue }
            let name = field.name(in: head)
            if name.equalsIgnoringCase("traceparent") { exchange[].request.forgetField(at: i) }
            guard name.equalsIgnoringCase("tracestate") else { continue }
            if !keepsState {
                exchange[].request.forgetField(at: i)
            } else if state.isEmpty, !field.isRemoved {
                state = HeadRange(Int(field.valueStart), count: Int(field.valueCount))
            }
        }
        return state
    }

    // MARK: Spans

    /// Writes the span of an exchange that ends, if it is recorded.
    func endTrace(_ exchange: Ref<Exchange>) {
        guard let ruling = exchange[].ruling, ruling[].trace.own.isSampled else { return }
        let frontend = frontends[Int(exchange[].client[].frontend)]
        let tracing = frontend._withUnsafeGuaranteedRef { $0.tracing }
        guard tracing.records, spans.sink != nil else { return }
        let facts = facts(of: exchange, ruling)
        guard spans.add(for: tracing, { facts.write(to: &$0) }) else { return }
        if spans.timer == 0 { spans.timer = timers.add(owner: Token.spans.rawValue) }
        timers.set(spans.timer, in: min(SpanBuffer.delay, tracing.model.batching.delay), now: clock.monotonic)
    }

    private func facts(of exchange: Ref<Exchange>, _ ruling: Ref<Ruling>) -> SpanFacts {
        let (client, head) = (exchange[].client, ruling[].head.view)
        var facts = SpanFacts(own: ruling[].trace.own, parent: ruling[].trace.parent)
        facts.state = head[ruling[].trace.state.indices]
        facts.name = ruling[].trace.name.view
        (facts.start, facts.end) = (beginning(of: exchange), clock.realtime)
        facts.method = head[exchange[].request.method.indices]
        facts.path = RequestTarget(head[exchange[].request.target.indices]).path
        facts.isSecure = isSecure(client)
        facts.host = HostPort(givenHost(of: exchange, in: head)).host
        facts.client = client[].address
        facts.version =
            client[].transport.isStream ? "2" : exchange[].request.minorVersion == 0 ? "1.0" : "1.1"
        (facts.status, facts.termination) = (exchange[].status, exchange[].termination)
        facts.retries = exchange[].retries
        if let route = exchange[].route {
            (facts.namespace, facts.ingress, facts.route) = route._withUnsafeGuaranteedRef { route in
                let path = route.rules?._withUnsafeGuaranteedRef { $0.traced?[].path.view } ?? nil
                return (route.namespace.view, route.name.view, path ?? .empty)
            }
        }
        facts.service =
            exchange[].backend?._withUnsafeGuaranteedRef { $0.serviceName.view } ?? .empty
        return facts
    }

    /// The oldest span has waited long enough.
    func spansDue() { spans.flush() }
}
