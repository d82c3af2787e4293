import Model

/// `timeout …`.
extension SectionText {
    /// Of the side towards clients; `connect` is the time that is meant where no `timeout tarpit` is said.
    mutating func addTimes(of frontend: Frontend, connect: Int) {
        let times = frontend.timeouts
        addTime("client", times.client, unless: 0)
        addTime("http-request", times.request, unless: times.client)
        addTime("http-keep-alive", times.keepAlive, unless: times.request)
        if times.halfClosed == times.clientFin {
            addTime("client-fin", times.halfClosed, unless: 0)
        } else {
            addTime("client-fin", times.halfClosed, unless: 0)
            comment("a client that has sent its end is waited for \(TimeSpelling.word(times.clientFin).text)")
        }
        addTime("tarpit", times.tarpit, unless: connect)
        // haproxy does not wait without a word.
        let waits = frontend.mode == .tcp && !(frontend.sessionRules.isEmpty && frontend.backendRules.isEmpty)
        if waits || times.hello != ClientTimeouts().hello {
            add("tcp-request", "inspect-delay", TimeSpelling.word(times.hello))
        }
    }

    /// Of the side towards servers; of a `listen` section `timeout tarpit` stands there already.
    mutating func addTimes(of backend: Backend, isListen: Bool) {
        let times = backend.timeouts
        addTime("connect", times.connect, unless: 0)
        addTime("server", times.server, unless: 0)
        addTime("server-fin", times.halfClosed, unless: 0)
        addTime("queue", times.queue, unless: times.connect)
        addTime("tunnel", times.tunnel, unless: 0)
        if !isListen, context.isOfText || times.tarpit > 0 {
            addTime("tarpit", times.tarpit, unless: times.connect)
        }
        if times.idle != ServerTimeouts().idle {
            remark("idle connections to servers are closed after \(TimeSpelling.word(times.idle).text)")
        }
    }

    private mutating func addTime(_ name: Word, _ time: Int, unless usual: Int) {
        if time != usual { add("timeout", name, TimeSpelling.word(time)) }
    }
}
