import Model

/// `balance`, `hash-type`, retries and what else decides about servers.
extension SectionText {
    mutating func addBalance(of backend: Backend) {
        add(["balance"] + words(of: backend.balance))
        if backend.hashType != .mapBased { add(["hash-type"] + SectionText.words("\(backend.hashType)")) }
        if backend.hashBalanceFactor > 0 { add("hash-balance-factor", "\(backend.hashBalanceFactor)") }
        add("option", "allbackups", if: backend.usesAllBackups)
        add("option", "abortonclose", if: backend.abortsOnClose)
        if backend.fullConnections > 0 { add("fullconn", "\(backend.fullConnections)") }
        if backend.reuse != .safe,
            let name = ProxyDirectives.reuse.first(where: { $0.value == backend.reuse })?.key
        {
            add("http-reuse", Word(name))
        }
        addRetries(of: backend)
    }

    private func words(of balance: Balance) -> [Word] {
        if case .hash(.expression(let expression)) = balance, expression.desktopCookie == nil {
            return ["hash", word(expression)]
        }
        return SectionText.words(balance.description)
    }

    private static func words(_ text: String) -> [Word] {
        text.split(separator: " ").map { Word(String($0)) }
    }

    private mutating func addRetries(of backend: Backend) {
        if backend.retries != 3 { add("retries", "\(backend.retries)") }
        if backend.retryOn != .connectionFailure {
            add(["retry-on"] + backend.retryOn.words.map { Word($0) })
        }
        switch (backend.redispatch, backend.redispatchInterval) {
        case (true, -1): add("option", "redispatch")
        case (true, let interval): add("option", "redispatch", "\(interval)")
        case (false, -1): add("no", "option", "redispatch")
        case (false, 0): add("option", "redispatch", "0")
        case (false, _): break
        }
        if backend.repeatsHarmlessOnly {
            remark("what may have an effect twice is repeated only if no server has seen it")
        }
        if backend.retryTimeLimit > 0 {
            remark("nothing is repeated \(TimeSpelling.word(backend.retryTimeLimit).text) after its request")
        }
        if backend.withoutConnection == .badGateway, !backend.servers.isEmpty {
            remark("where no connection comes about clients are told 502, or 504 if it took too long")
        }
        if let breaker = backend.circuitBreaker {
            remark("a server is left alone after \(breaker.errors) failures in a row (circuit breaker)")
        }
        if backend.servers.contains(where: { $0.speaks == .fastCGI }) {
            remark("servers are spoken to by FastCGI")
        }
        if ![0, 256].contains(backend.maxIdlePerServer) {
            remark("\(backend.maxIdlePerServer) idle connections are kept to a server")
        }
    }
}
