import Basics
import Model
import Wire

/// Requests and connections that wait for the address of a name.
extension Worker {
    /// Asks for a name because a rule says so, and goes on with the rule `next` when there is an answer; false if there is no name
    /// to ask for, or nobody to ask.
    func pauses(
        _ exchange: Ref<Exchange>, for query: Ref<CompiledNameQuery>, before next: Int, isContent: Bool
    ) -> Bool {
        let source = ExchangeSource(worker: self, exchange: exchange)
        guard let token = ask(query, source, for: .exchange(exchange)) else { return false }
        let ruling = ruling(of: exchange)
        ruling[].pause = (next, 0, isContent)
        ruling[].question = token
        exchange[].phase = .resolving
        setTimer(exchange[].client, 0)
        return true
    }

    /// The same of a connection; what it is called there goes on where its bytes are looked at.
    func asks(
        _ client: Ref<ClientConnection>, _ query: Ref<CompiledNameQuery>, _ source: SessionSource,
        before next: Int
    ) -> Bool {
        guard let token = ask(query, source, for: .client(client)) else { return false }
        let details = detail(client)
        (details[].question, details[].nextRule, details[].isLate) = (token, next, source.isWhole)
        return true
    }

    /// Puts a question, and answers what it is called.
    private func ask<Source: SampleSource & ~Copyable>(
        _ query: Ref<CompiledNameQuery>, _ source: borrowing Source, for asker: NameDesk.Pending.Asker
    ) -> UInt64? {
        guard let orders = names.orders else { return nil }
        samples.reset()
        let sample = query[].name.sample(of: source, &samples)
        noteOverruns()
        guard let text = sample?.text(&samples), !text.isEmpty, text.count <= 254 else { return nil }
        let token = names.add(NameDesk.Pending(asker: asker, key: query[].key))
        let request = NameRequest(
            resolvers: query[].resolvers, name: text.string, prefersV4: query[].prefersV4, worker: index,
            token: token)
        guard orders.ask(request) else {
            _ = names.take(token)
            return nil
        }
        return token
    }

    /// Name servers have said something, or nobody has.
    func resolved(_ token: UInt64, _ address: SocketAddress?) {
        guard let waiting = names.take(token) else { return }
        guard case .exchange(let exchange) = waiting.asker else {
            if case .client(let client) = waiting.asker { resolved(client, waiting.key, address) }
            return
        }
        let client = exchange[].client
        exchange[].ruling?[].question = 0
        exchange[].phase = .head
        if let address {
            setVariable(waiting.key, to: .address(address), [], of: client, exchange, isAnswering: false)
        }
        resumeRules(exchange)
        resume(client)
    }

    private func resolved(_ client: Ref<ClientConnection>, _ key: VariableKey, _ address: SocketAddress?) {
        guard let details = client[].details else { return }
        details[].question = 0
        if let address {
            SessionSource(worker: self, client: client, hello: nil, message: .empty)
                .setVariable(key, to: .address(address), [])
        }
        client[].transport.canRead = true
        if client[].exchange != nil || inspectsHello(of: client) {
            _ = readHello(client, isLate: details[].isLate)
        } else {
            judgeSession(client)
        }
        resume(client)
    }

    /// The request is over: nobody waits for the answer.
    func forgetQuestion(_ ruling: Ref<Ruling>) {
        if ruling[].question != 0 { _ = names.take(ruling[].question) }
    }
}
