import Basics
import Model
import Wire

/// Asking somebody whether a request may go on: a first way of the exchange to a server, with a question of ours instead of the
/// request. So places, connections, time-outs and clients that leave are as with every request; but whatever is answered in the
/// server's place is 500.
extension Worker {
    /// Whether the request goes on at once; if not, somebody is asked, or it has been answered.
    func isAuthorized(
        _ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>, _ route: Unmanaged<CompiledRoute>
    ) -> Bool {
        if asked[].needless.count > 0 {
            samples.reset()
            let source = ExchangeSource(worker: self, exchange: exchange)
            let comesIn = asked[].needless.holds(0, for: source, &samples)
            guard samples.overruns == 0 else {
                noteOverruns()
                authorizationFailed(exchange)
                return false
            }
            if comesIn { return true }
        }
        if asked[].keeping.count > 0, let known = knownVerdict(exchange, asked) {
            return follows(known, exchange, asked)
        }
        let named = route._withUnsafeGuaranteedRef { $0.authority }
        if let authority = asked[].asksRoutes ? authority(for: asked, exchange) : named {
            ask(exchange, authority)
        } else {
            authorizationFailed(exchange)
        }
        return false
    }

    /// Who serves the question here; nil if that is nobody, or not the backend alone.
    private func authority(
        for asked: Ref<CompiledAuthorization>, _ exchange: Ref<Exchange>
    ) -> Unmanaged<BackendState>? {
        guard compose(asked[].host, for: exchange), !composed.isEmpty else { return nil }
        headScratch.reset()
        guard headScratch.append(composed.view), compose(asked[].path, for: exchange) else { return nil }
        let shape = DotSegments.shape(of: composed.view)
        guard !shape.mayHoldDots else { return nil }
        samples.reset()
        let route =
            shape.isOdd
            ? self.route(authority: headScratch.view, oddPath: composed.view)
            : router.route(authority: headScratch.view, path: composed.view, &samples)
        noteOverruns()
        return route?._withUnsafeGuaranteedRef { route in
            if let rules = route.rules, !rules._withUnsafeGuaranteedRef({ $0.lessensNothing }) { return nil }
            return route.backend.map { Unmanaged.passUnretained($0) }
        } ?? nil
    }

    private func ask(_ exchange: Ref<Exchange>, _ authority: Unmanaged<BackendState>) {
        exchange[].errand = .authorization
        exchange[].looksAtAnswer = true
        exchange[].countsSomewhere = true
        exchange[].backend = authority
        let place = authority._withUnsafeGuaranteedRef { $0.perWorker.reference(index) }
        exchange[].place = place
        exchange[].servers = place[].servers
        assignServer(exchange)
    }

    /// What is asked about the exchange.
    private func asked(of exchange: Ref<Exchange>) -> Ref<CompiledAuthorization>? {
        exchange[].route?._withUnsafeGuaranteedRef { route in
            route.rules?._withUnsafeGuaranteedRef { $0.asked }
        } ?? nil
    }

    // MARK: The question

    /// Sends the question on a connection to who is asked.
    func sendQuestion(_ exchange: Ref<Exchange>, on connection: Ref<ServerConnection>) {
        exchange[].isRequestSent = true
        guard let asked = asked(of: exchange), writeQuestion(exchange, asked) else {
            return authorizationFailed(exchange)
        }
        guard deliverHead(headScratch.view, to: connection) else {
            return serverGone(exchange, wasReset: true)
        }
        setTimer(connection, timeouts(of: exchange).server)
    }

    /// Writes it into the scratch for heads; false if it does not fit.
    private func writeQuestion(_ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>) -> Bool {
        headScratch.reset()
        guard compose(asked[].path, for: exchange) else { return false }
        let hasLine = headScratch.write { output in
            output.append(asked[].method.view)
            output.append(" ")
            output.append(path: composed.view)
            output.append(" HTTP/1.1\r\nHost: ")
        }
        guard hasLine, compose(asked[].host, for: exchange), !composed.isEmpty else { return false }
        let hasHost = headScratch.append(composed.view) && headScratch.append("\r\n")
        guard hasHost, writeClientsFields(exchange, asked) else { return false }
        return appendComposed(asked[].fields, for: exchange) && headScratch.append("\r\n")
    }

    /// What the client has sent, but for its body and for what is said in its place.
    private func writeClientsFields(_ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>) -> Bool {
        let head = head(of: exchange)
        let client = exchange[].client
        let settings = frontends[Int(client[].frontend)]
        let headers = ForwardedHeaders(
            settings: settings, client: client[].address, text: client[].addressText,
            isSecure: isSecure(client))
        let isNamed = settings._withUnsafeGuaranteedRef { $0.forwards }
        let id = isNamed ? toldID(of: exchange, settings) : RequestID()
        return headScratch.write { output in
            writeClientsFields(exchange, head, dropping: ForwardedHeaders.ofClients, to: &output) {
                isOurs($0, asked)
            }
            headers.writeQuestion(to: &output, request: exchange[].request, head: head, id: id)
            if exchange[].headNeeds.contains(.certificate) { writeCertificate(exchange, to: &output) }
        }
    }

    private func isOurs(_ name: ByteView, _ asked: Ref<CompiledAuthorization>) -> Bool {
        for i in 0..<asked[].fields.count where asked[].fields[i].name.view.equalsIgnoringCase(name) {
            return true
        }
        return false
    }

    // MARK: The verdict

    /// The answer's head has come: `headCount` bytes of the scratch. Nothing of a body is waited for.
    func takeVerdict(_ exchange: Ref<Exchange>, head: ByteView, headCount: Int) {
        guard let asked = asked(of: exchange) else { return authorizationFailed(exchange) }
        switch exchange[].response.status {
        case 200...299:
            keepVerdict(exchange, asked, head)
            guard takeFields(exchange, asked, head), keepTold(exchange, head, challenges: false) else {
                return authorizationFailed(exchange)
            }
            counters[].allowedRequests.add()
            endQuestion(exchange, isHead: asked[].isHead, headCount: headCount)
            goOn(exchange, asked)
        case 401 where asked[].signIn.count > 0:
            keepVerdict(exchange, asked, head)
            guard keepTold(exchange, head, challenges: false) else { return authorizationFailed(exchange) }
            counters[].forbiddenRequests.add()
            endQuestion(exchange, isHead: asked[].isHead, headCount: headCount)
            sendToSignIn(exchange, asked)
        case 401, 403:
            let status = exchange[].response.status
            keepVerdict(exchange, asked, head)
            guard keepTold(exchange, head, challenges: true) else { return authorizationFailed(exchange) }
            counters[].forbiddenRequests.add()
            endQuestion(exchange, isHead: asked[].isHead, headCount: headCount)
            refuse(exchange, asKnown: status)
        default: authorizationFailed(exchange)
        }
    }

    /// Refuses the request as whoever was asked has.
    func refuse(_ exchange: Ref<Exchange>, asKnown status: UInt16) {
        samples.reset()
        var own = page(of: status, for: exchange)
        own.added = exchange[].ruling?[].told.view ?? .empty
        answer(exchange, own, as: .denied)
    }

    /// Nobody has said that the request may go on, or that it may not: it is refused.
    func authorizationFailed(_ exchange: Ref<Exchange>) {
        counters[].unansweredRequests.add()
        leaveAuthority(exchange)
        answer(exchange, status: 500, as: .denied)
    }

    /// The request gets the fields of the answer that it is to have.
    private func takeFields(
        _ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>, _ head: ByteView
    ) -> Bool {
        guard asked[].taken.count > 0 else { return true }
        guard forgetTaken(exchange, asked), let ruling = withOwnHead(exchange) else { return false }
        for i in 0..<asked[].taken.count {
            let name = asked[].taken[i].view
            for place in 0..<exchange[].response.fieldCount {
                let field = exchange[].response.field(at: place)
                guard !field.isRemoved, field.name(in: head).equalsIgnoringCase(name) else { continue }
                guard exchange[].request.add(name, field.value(in: head), to: &ruling[].head) else {
                    return false
                }
            }
        }
        return true
    }

    /// The client's own of the fields that the request is to get are no more.
    func forgetTaken(_ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>) -> Bool {
        guard asked[].taken.count > 0 else { return true }
        guard let ruling = withOwnHead(exchange) else { return false }
        let bytes = ruling[].head.view
        for place in 0..<exchange[].request.fieldCount {
            let field = exchange[].request.field(at: place)
            if field.nameCount > 0, asked[].takes(field.name(in: bytes)) {
                exchange[].request.forgetField(at: place)
            }
        }
        return true
    }

    /// Keeps what the client is told of the answer: cookies, and what it has to prove.
    private func keepTold(_ exchange: Ref<Exchange>, _ head: ByteView, challenges: Bool) -> Bool {
        for i in 0..<exchange[].response.fieldCount {
            let field = exchange[].response.field(at: i)
            let name = field.name(in: head)
            guard field.name == .setCookie || challenges && name.equalsIgnoringCase("www-authenticate") else {
                continue
            }
            let ruling = ruling(of: exchange)
            headBuffers.lend(to: &ruling[].told)
            let fits = ruling[].told.write { output in
                output.append(name)
                output.append(": ")
                output.append(field.value(in: head))
                output.append("\r\n")
            }
            guard fits else { return false }
        }
        return true
    }

    private func endQuestion(_ exchange: Ref<Exchange>, isHead: Bool, headCount: Int) {
        parkServer(exchange, isHead: isHead, headCount: headCount)
        leaveAuthority(exchange)
    }

    /// Keeps the connection of an answer that is not passed on, if that has ended. A longer body is nothing to wait for.
    func parkServer(_ exchange: Ref<Exchange>, isHead: Bool, headCount: Int) {
        var body = BodyDecoder(exchange[].response.bodyFraming(isHead: isHead))
        var pieces = BodyDecoder.Pieces()
        var trailers = Buffer()
        scratch.consume(headCount)
        let progress = scratch.withMutableBytes { bytes, count in
            body.decode(bytes, count: count, pieces: &pieces, trailers: &trailers, pool: trailerBuffers)
        }
        trailerBuffers.takeBack(&trailers)
        let isWhole = progress == .complete && pieces.rest == 0 && exchange[].response.keepsAlive
        if let connection = exchange[].serverConnection {
            let limit = exchange[].servers?._withUnsafeGuaranteedRef { $0.settings.maxIdlePerServer } ?? 0
            exchange[].serverConnection = nil
            keepOrClose(connection, mayKeep: isWhole && exchange[].isRequestSent, limit: limit)
        }
    }

    /// The exchange is as it was before anybody was asked.
    func leaveAuthority(_ exchange: Ref<Exchange>) {
        guard exchange[].isAuthorizing else { return }
        dropServer(exchange)
        leaveServer(exchange)
        exchange[].errand = .none
        exchange[].phase = .head
        exchange[].isRequestSent = false
        exchange[].looksAtAnswer = exchange[].asksAnswerRules
        (exchange[].isRedispatched, exchange[].wasTurnedAway) = (false, false)
        (exchange[].attempts, exchange[].retries, exchange[].queuePosition) = (0, 0, 0)
        (exchange[].assignedAt, exchange[].connectedAt, exchange[].answeredAt) = (0, 0, 0)
        (exchange[].backend, exchange[].place) = (nil, nil)
        (exchange[].servers, exchange[].server) = (nil, nil)
        tables.takeBack(&exchange[].response.fields)
    }

    /// The request may go on.
    private func goOn(_ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>) {
        if exchange[].ruling?[].told.isEmpty == false { exchange[].asksAnswerRules = true }
        exchange[].looksAtAnswer = exchange[].asksAnswerRules
        guard let route = exchange[].route,
            route._withUnsafeGuaranteedRef({ route in
                route.rules.map { $0._withUnsafeGuaranteedRef { goesOn(exchange, $0) } } ?? true
            })
        else { return }
        dispatch(exchange, route, hasRules: settings(of: exchange[].client).hasRules)
    }

    func sendToSignIn(_ exchange: Ref<Exchange>, _ asked: Ref<CompiledAuthorization>) {
        guard compose(asked[].signIn[0], for: exchange), !composed.isEmpty else {
            return answer(exchange, status: 500, as: .denied)
        }
        samples.reset()
        let fields = samples.write { output in
            output.append("Content-Length: 0\r\nLocation: ")
            output.append(composed.view)
            output.append("\r\nCache-Control: no-cache\r\n")
        }
        guard let fields else { return answer(exchange, status: 500, as: .denied) }
        var own = OwnAnswer(
            shown: 302, status: 302, statusLine: ("HTTP/1.1 302 Found\r\n" as StaticString).view,
            fields: fields, body: .empty)
        own.added = exchange[].ruling?[].told.view ?? .empty
        answer(exchange, own, as: .denied)
    }

    /// Adds to a server's answer the cookies of who was asked; false if there is no room for them.
    func addTold(_ exchange: Ref<Exchange>, _ head: inout ByteView) -> Bool {
        guard let ruling = exchange[].ruling, !ruling[].told.isEmpty, let asked = asked(of: exchange),
            asked[].setsCookies(besides: exchange[].response.status)
        else { return true }
        guard let own = withOwnAnswer(exchange, &head) else { return false }
        let told = own[].told.view
        var start = 0
        while let colon = told.firstIndex(of: UInt8(ascii: ":"), from: start),
            let end = told.firstIndex(of: UInt8(ascii: "\r"), from: colon)
        {
            let (name, value) = (told[start..<colon], told[colon + 2..<end])
            guard exchange[].response.add(name, value, to: &own[].answer) else { return false }
            start = end + 2
        }
        head = own[].answer.view
        return true
    }
}
