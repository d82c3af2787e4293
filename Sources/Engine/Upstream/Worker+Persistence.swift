import Basics
import Synchronization
import Wire

/// A persistence cookie's way through an exchange: it chooses the server, the server sees what it should, the client is told.
extension Worker {
    /// The server that the request's cookie names, or a table for it. Nil if they name none that can be had: the request is
    /// balanced then, and the answer sets another cookie.
    func stickyServer(
        _ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>, avoiding avoided: Unmanaged<ServerState>?
    ) -> Unmanaged<ServerState>? {
        servers._withUnsafeGuaranteedRef { set in
            exchange[].hasCookie = set.hasCookie && !exchange[].isSession
            guard set.keepsClients else { return nil }
            guard avoided == nil else {
                // What was noted is another set's, which may be gone before the answer comes.
                if exchange[].sticking != nil { _ = stuckServer(exchange, set, isChosen: true) }
                forgetSticky(exchange)
                return nil
            }
            let named = exchange[].hasCookie ? serverByCookie(exchange, set) : serverOfDesktop(exchange, set)
            let stuck = stuckServer(exchange, set, isChosen: named != nil)
            return named ?? stuck
        }
    }

    /// Asks the backend's exceptions, before anything else of it.
    func judgePersistence(_ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>) {
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange)
        let forces = servers._withUnsafeGuaranteedRef { $0.exceptions.forces(for: source, &samples) }
        noteOverruns()
        exchange[].cookie.isForced = forces == true
        exchange[].cookie.isIgnored = forces == false
    }

    private func serverByCookie(_ exchange: Ref<Exchange>, _ set: ServerSet) -> Unmanaged<ServerState>? {
        guard let sticky = set.sticky else { return nil }
        return readCookies(exchange, sticky).map { sticky.server($0) }
    }

    /// The server that a client of a remote desktop names.
    private func serverOfDesktop(_ exchange: Ref<Exchange>, _ set: ServerSet) -> Unmanaged<ServerState>? {
        guard let desktops = set.desktops,
            case .value(let value)? = desktopCookie(desktops.name.view, of: exchange)
        else { return nil }
        return desktops.server(of: value, isForced: exchange[].cookie.isForced)
    }

    /// The server that a rule names, whatever the cookie says: no cookie is set for it.
    func ruledServer(_ exchange: Ref<Exchange>, _ servers: Unmanaged<ServerSet>) -> Unmanaged<ServerState>? {
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange)
        let server = servers._withUnsafeGuaranteedRef {
            $0.serverRules.server(
                for: source, isForced: exchange[].cookie.isForced, naming: &composed, &samples)
        }
        noteOverruns()
        guard server != nil else { return nil }
        exchange[].cookie.isDirect = true
        // HAProxy asks rules first, and does not look at the cookie then.
        if exchange[].cookie.request != .none { exchange[].cookie.request = .unused }
        return server
    }

    /// The named server could not be reached: as if it had been down.
    private func forgetSticky(_ exchange: Ref<Exchange>) {
        exchange[].sticking?[].isDirect = false
        guard exchange[].cookie.isDirect else { return }
        exchange[].cookie.isDirect = false
        if exchange[].cookie.request == .valid { exchange[].cookie.request = .down }
    }

    /// The index of the server that the request's cookies name, if it can be had.
    func readCookies(_ exchange: Ref<Exchange>, _ sticky: StickyServers) -> Int? {
        let head = head(of: exchange)
        var state = CookieState()
        let isForced = exchange[].cookie.isForced
        (state.isIgnored, state.isForced) = (exchange[].cookie.isIgnored, isForced)
        var found: Int?
        exchange[].request.fields.forEach { field in
            guard field.name == .cookie else { return }
            sticky.cookie.read(field.value(in: head), now: seconds, state: &state) { name in
                guard let index = sticky.index(of: name) else { return .unknown }
                let verdict = sticky.verdict(on: index, isForced: isForced)
                if verdict != .down { found = index }
                return verdict
            }
        }
        exchange[].cookie = state
        return state.isDirect ? found : nil
    }

    /// Whether the log has letters for its cookie.
    func tellsOfCookie(_ exchange: Ref<Exchange>) -> Bool {
        exchange[].hasCookie && exchange[].servers?._withUnsafeGuaranteedRef { $0.logsCookie } == true
    }

    /// A request that is refused gets no server, but the log says what its cookie was worth.
    func judgeCookie(_ exchange: Ref<Exchange>) {
        guard exchange[].hasCookie else { return }
        exchange[].servers?._withUnsafeGuaranteedRef { set in
            if let sticky = set.sticky { _ = readCookies(exchange, sticky) }
        }
        exchange[].cookie.isDirect = false
    }

    var seconds: Int64 { Int64(clock.realtime / 1_000_000_000) }

    /// The backend's cookie, if the exchange has one; good as long as its servers.
    private func sticky(_ exchange: Ref<Exchange>) -> Unmanaged<StickyServers>? {
        guard exchange[].hasCookie else { return nil }
        return exchange[].servers?._withUnsafeGuaranteedRef { $0.sticky.map { Unmanaged.passUnretained($0) } }
    }

    /// Whether the request's `Cookie` lines are written by `writeCookies`.
    func rewritesCookies(_ exchange: Ref<Exchange>) -> Bool {
        exchange[].hasCookie
            && sticky(exchange)?._withUnsafeGuaranteedRef { $0.cookie.changesRequests } == true
    }

    /// Writes what the server gets of the request's `Cookie` lines.
    func writeCookies(_ exchange: Ref<Exchange>, _ head: ByteView, to output: inout ByteWriter) {
        sticky(exchange)?._withUnsafeGuaranteedRef { sticky in
            headBuffers.lend(to: &cookieLine)
            exchange[].request.fields.forEach { field in
                guard field.name == .cookie, !field.isRemoved else { return }
                cookieLine.reset()
                let line = field.value(in: head)
                write("Cookie: ", line, sticky.cookie.forward(line, to: &cookieLine), to: &output)
            }
            headBuffers.takeBack(&cookieLine)
        }
    }

    private func write(
        _ name: StaticString, _ line: ByteView, _ what: CookieLine, to output: inout ByteWriter
    ) {
        guard what != .dropped else { return }
        output.append(name)
        output.append(what == .rewritten ? cookieLine.view : line)
        output.append("\r\n")
    }

    /// Whether the answer's `Set-Cookie` lines are written by `writeSetCookies`.
    func setsCookies(_ exchange: Ref<Exchange>) -> Bool {
        exchange[].hasCookie && !exchange[].response.isInterim
    }

    /// Writes what the client gets of the server's `Set-Cookie` lines, and the one that names the server.
    func writeSetCookies(_ exchange: Ref<Exchange>, _ head: ByteView, to output: inout ByteWriter) {
        guard let server = exchange[].server else { return }
        sticky(exchange)?._withUnsafeGuaranteedRef { sticky in
            let serverValue = sticky.value(of: server)
            headBuffers.lend(to: &cookieLine)
            exchange[].response.fields.forEach { field in
                guard field.name == .setCookie, !field.isRemoved else { return }
                cookieLine.reset()
                let line = field.value(in: head)
                let what = sticky.cookie.forward(
                    setCookie: line, serverValue: serverValue, state: &exchange[].cookie, to: &cookieLine)
                write("Set-Cookie: ", line, what, to: &output)
            }
            headBuffers.takeBack(&cookieLine)
            let method = self.head(of: exchange)[exchange[].request.method.indices]
            guard sticky.cookie.inserts(exchange[].cookie, isPost: method.equals("POST"), now: seconds) else {
                return
            }
            sticky.cookie.write(
                serverValue: serverValue, isCacheable: isCacheable(exchange, head, method),
                overTLS: isSecure(exchange[].client), now: seconds, state: &exchange[].cookie, to: &output)
        }
    }

    private func isCacheable(_ exchange: Ref<Exchange>, _ head: ByteView, _ method: ByteView) -> Bool {
        var judgement = ResponseCacheability(
            isSafeMethod: method.equals("GET") || method.equals("HEAD"), status: exchange[].response.status)
        exchange[].response.fields.forEach { field in
            judgement.see(field.name(in: head), field.value(in: head))
        }
        return judgement.isCacheable
    }
}
