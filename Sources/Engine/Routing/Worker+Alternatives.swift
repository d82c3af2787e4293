import Basics

/// Routes that lead some requests to another backend than their own.
extension Worker {
    /// Where a request goes instead; nil if nothing says so, or if there is no server.
    ///
    /// A client that a cookie keeps on a server of either backend stays there.
    func alternative(of exchange: Ref<Exchange>, _ route: Unmanaged<CompiledRoute>) -> Unmanaged<
        BackendState
    >? {
        guard let table = route._withUnsafeGuaranteedRef({ $0.alternatives }),
            let own = route._withUnsafeGuaranteedRef({ $0.backend.map { Unmanaged.passUnretained($0) } }),
            hasServers(own)
        else { return nil }
        if isKept(exchange, by: own) { return nil }
        let keeping = table._withUnsafeGuaranteedRef {
            $0.first { hasServers($0) && isKept(exchange, by: $0) }
        }
        if let keeping { return keeping }
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange)
        let chosen = table._withUnsafeGuaranteedRef { $0.route(for: source, naming: &composed, &samples) }
        noteOverruns()
        let backend = chosen?._withUnsafeGuaranteedRef { $0.backend.map { Unmanaged.passUnretained($0) } }
        return backend.flatMap { hasServers($0) ? $0 : nil }
    }

    /// Whether a backend has any server, up or not.
    func hasServers(_ backend: Unmanaged<BackendState>) -> Bool {
        servers(of: backend)._withUnsafeGuaranteedRef { $0.servers.count > 0 }
    }

    private func isKept(_ exchange: Ref<Exchange>, by backend: Unmanaged<BackendState>) -> Bool {
        servers(of: backend)._withUnsafeGuaranteedRef { set in
            guard let sticky = set.sticky else { return false }
            return readCookies(exchange, sticky) != nil
        }
    }

    private func servers(of backend: Unmanaged<BackendState>) -> Unmanaged<ServerSet> {
        backend._withUnsafeGuaranteedRef { $0.perWorker.reference(index)[].servers }
    }
}
