import Model

/// Samples of exchanges, connections with servers, TCP, moments and frontends: `bc_dst`, `fc_rtt(us)`, `accept_date(ms)`, `fe_conn(web)`.
enum ExchangeSamples {
    /// How an expression may begin.
    static let fetches: [(String, FetchTable.Reader)] =
        ExchangeFact.allCases.map { fact in (fact.rawValue, { _ in .ofExchange(fact) }) }
        + TCPRead.Fact.allCases.flatMap(ofTCP) + MomentRead.Moment.allCases.map(ofMoment)
        + FrontendRead.Fact.allCases.map(ofFrontend) + ofMessages

    private static func ofTCP(_ fact: TCPRead.Fact) -> [(String, FetchTable.Reader)] {
        // HAProxy knows of servers' connections how long round trips take.
        (fact.isTime ? [false, true] : [false]).map { isOfServer in
            (
                "\(isOfServer ? "bc" : "fc")_\(fact.rawValue)",
                { arguments throws(Refusal) in
                    var isMicroseconds = false
                    if fact.isTime, let unit = arguments.takeIfAny() {
                        guard ["us", "ms"].contains(unit.text) else {
                            throw .invalid(unit, expected: "us or ms")
                        }
                        isMicroseconds = unit.text == "us"
                    }
                    return .tcp(TCPRead(fact, isOfServer: isOfServer, isMicroseconds: isMicroseconds))
                }
            )
        }
    }

    private static func ofMoment(_ moment: MomentRead.Moment) -> (String, FetchTable.Reader) {
        (
            moment.rawValue,
            { arguments throws(Refusal) in
                let offset = moment == .now ? try arguments.integerIfAny() ?? 0 : 0
                let unit = try unit(&arguments)
                guard moment != .now || unit != .seconds else { return .date(offset: offset) }
                return .moment(MomentRead(moment, in: unit, offset: offset))
            }
        )
    }

    /// `s`, `ms` or `us`.
    static func unit(_ arguments: inout ArgumentReader) throws(Refusal) -> MomentRead.Unit {
        guard let word = arguments.takeIfAny() else { return .seconds }
        guard let unit = MomentRead.Unit(rawValue: word.text) else {
            throw .invalid(word, expected: "s, ms or us")
        }
        return unit
    }

    private static func ofFrontend(_ fact: FrontendRead.Fact) -> (String, FetchTable.Reader) {
        (
            fact.rawValue,
            { arguments throws(Refusal) in
                let read = FrontendRead(fact, of: arguments.takeIfAny()?.text ?? arguments.section)
                try arguments.patternFiles().files.note(read)
                return .ofFrontend(read)
            }
        )
    }

    private static let ofMessages: [(String, FetchTable.Reader)] = [
        ("req.hdrs", message(.lines, isAnswer: false)), ("res.hdrs", message(.lines, isAnswer: true)),
        ("req.hdrs_bin", message(.binary, isAnswer: false)),
        ("res.hdrs_bin", message(.binary, isAnswer: true)),
        ("res.hdr_names", message(.fieldNames, isAnswer: true)),
        ("req.cook_names", message(.cookieNames, isAnswer: false)),
        ("res.cook_names", message(.cookieNames, isAnswer: true)),
        ("res.ver", message(.version, isAnswer: true)), ("resp_ver", message(.version, isAnswer: true)),
    ]

    private static func message(_ part: MessageRead.Part, isAnswer: Bool) -> FetchTable.Reader {
        { arguments throws(Refusal) in
            var read = MessageRead(part, isAnswer: isAnswer)
            if read.isList { read.separator = try arguments.byteIfAny() ?? read.separator }
            return .message(read)
        }
    }
}
