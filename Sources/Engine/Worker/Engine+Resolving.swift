import Model
import Synchronization
import Wire

/// Name servers that are asked for servers' addresses while the process runs.
extension Engine {
    /// The first section of name servers starts the thread that asks them.
    func startResolver(_ running: inout Running?) {
        guard let resolving = running?.publisher.resolving else { return }
        let workers = running?.workers.map(\.mailbox) ?? []
        let listener = ResolverThread.Listener(
            placed: { placed in self.adopt(placed) },
            answered: { worker, token, address in workers[worker].post(.resolved(token, address)) })
        let thread = ResolverThread.start(resolving.orders.mailbox, resolving.reports, listener)
        guard let thread else {
            resolving.orders.close { workers[$0.worker].post(.resolved($0.token, nil)) }
            return options.onHealth(HealthNotice.noResolver)
        }
        resolving.orders.open()
        running?.threads.append(thread)
        running?.isResolving = true
    }

    /// What name servers say reaches the workers as a publish does.
    private func adopt(_ placed: [(server: ResolvedServer, placement: ServerPlacement)]) {
        let notices = state.withLock { running in
            let notices = running?.adopt(placed) ?? []
            if running?.needsChecker == true { startChecker(&running) }
            return notices
        }
        for notice in notices { options.onHealth(notice) }
    }

    /// The sections of name servers, and what happened with each of them.
    public func resolvers() -> [ResolversReport] {
        state.withLock { $0?.publisher.resolving.reports }?.current ?? []
    }
}

extension Engine.Running {
    var needsResolver: Bool { !isResolving && publisher.needsResolver }

    fileprivate mutating func adopt(
        _ placed: [(server: ResolvedServer, placement: ServerPlacement)]
    ) -> [HealthNotice] {
        var adoption = Adoption(sequence: sequence + 1, onAdopted: {})
        let notices = publisher.adopt(placed, into: &adoption)
        if !adoption.pools.isEmpty { post(adoption) }
        publisher.checkOrders.send()
        return notices
    }
}

extension HealthNotice {
    fileprivate static var noResolver: HealthNotice {
        HealthNotice(
            .emergency,
            "no thread to ask name servers: servers stay where they are, and names that rules ask for are not found"
        )
    }
}
