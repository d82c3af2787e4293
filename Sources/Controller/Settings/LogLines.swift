import Model

/// What the ConfigMap says of lines of the access log.
struct LogLines: Sendable, Equatable {
    /// Whether there are any of requests, and of TCP sessions.
    var isOfRequests = true
    var isOfSessions = true
    /// In nginx's form; nil is the process's own, or ingress-nginx's where that is asked for.
    var requests: NginxLogFormat?
    var sessions: NginxLogFormat?
    /// What others have said is written as JSON has it, or as it is; else as nginx does by itself.
    var isJSON = false
    var isVerbatim = false

    /// How what others have said is written.
    var flags: FormatFlags { isVerbatim ? .verbatim : isJSON ? .json : .slashed }

    /// What a frontend writes; nil leaves it to the process. `usual` says that ingress-nginx's own lines are asked for.
    func plan(for mode: Mode, usual: Bool, trustsProxies: Bool) -> LogLinePlan? {
        guard mode == .http ? isOfRequests : isOfSessions else { return LogLinePlan() }
        let own = mode == .http ? requests : sessions
        let standard = mode == .http ? NginxLogFormat.ofRequests : NginxLogFormat.ofSessions
        guard let format = own ?? (usual ? standard : nil) else { return nil }
        return LogLinePlan(format, flags, trustsProxies: trustsProxies)
    }
}

/// A format as a frontend writes it, and what is kept of requests and answers for it.
struct LogLinePlan: Sendable, Equatable {
    private(set) var logging: Logging
    private(set) var captures = Captures()
    /// What keeps that is no plain field: of requests before anything else, of answers behind all.
    private(set) var first: [HTTPRule] = []
    private(set) var last: [HTTPRule] = []
    private var places: [LogSource: FormatString.Part] = [:]
    private let flags: FormatFlags

    /// The most bytes of one value.
    private static let longest = 4_096

    /// Nothing is written.
    init() {
        logging = Logging(FormatString([]))
        flags = []
    }

    fileprivate init(_ format: NginxLogFormat, _ flags: FormatFlags, trustsProxies: Bool) {
        self.flags = flags
        logging = Logging(FormatString([]))
        (logging.isOfProcess, logging.skipsEmpty) = (true, true)
        logging.format = FormatString(
            format.pieces.map { piece in
                switch piece {
                case .text(let bytes): return .text(bytes)
                case .nothing: return .text(flags.contains(.slashed) ? [UInt8(ascii: "-")] : [])
                case .value(let source):
                    let part = places[source] ?? part(of: source, trustsProxies)
                    places[source] = part
                    return part
                }
            })
    }

    private mutating func part(of source: LogSource, _ trustsProxies: Bool) -> FormatString.Part {
        switch source {
        case .fact(let fact): return .fact(fact, flags)
        case .variable(let variable): return .variable(variable, flags)
        case .sample(let expression): return .sample(expression, flags)
        case .text(let text): return .text(Array(text.utf8))
        case .client:
            let fetch = trustsProxies ? Fetch.told(.clientAddress) : .ofClient(.source)
            guard let expression = try? Expression(fetch) else { return .text([]) }
            return trustsProxies ? keep(expression) : .sample(expression, flags)
        case .field(let name):
            captures.request.append(Captures.Slot(name, length: LogLinePlan.longest))
            return kept(captures.request.count - 1, isAnswer: false)
        case .request(let expression): return keep(expression)
        case .serverField(let name):
            captures.response.append(Captures.Slot(name, length: LogLinePlan.longest))
            return kept(captures.response.count - 1, isAnswer: true)
        case .answer(let expression):
            captures.response.append(Captures.Slot(nil, length: LogLinePlan.longest))
            last.append(HTTPRule(.capture(expression, slot: captures.response.count - 1)))
            return kept(captures.response.count - 1, isAnswer: true)
        }
    }

    private mutating func keep(_ expression: Expression) -> FormatString.Part {
        captures.request.append(Captures.Slot(nil, length: LogLinePlan.longest))
        first.append(HTTPRule(.capture(expression, slot: captures.request.count - 1)))
        return kept(captures.request.count - 1, isAnswer: false)
    }

    private func kept(_ slot: Int, isAnswer: Bool) -> FormatString.Part {
        guard let expression = try? Expression(.captured(slot: slot, isAnswer: isAnswer)) else {
            return .text([])
        }
        return .sample(expression, flags)
    }
}
