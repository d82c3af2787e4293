import Model

/// `filter bwlim-in` and `bwlim-out`, and the rules that let them hold.
enum BandwidthDirectives {
    static let table = [
        Directive("filter bwlim-in") { line, proxy throws(Refusal) in
            try declare(.request, &line, &proxy)
        },
        Directive("filter bwlim-out") { line, proxy throws(Refusal) in
            try declare(.answer, &line, &proxy)
        },
    ]

    private static func declare(
        _ direction: BandwidthLimit.Direction, _ line: inout LineReader, _ proxy: inout Proxy
    ) throws(Refusal) {
        let name = try line.take("the name of the limit").text
        guard !proxy.bandwidthLimits.contains(where: { $0.name == name }) else {
            throw .conflict("a limit called '\(name)' was declared before")
        }
        var limit = BandwidthLimit(section: proxy.title, name: name, direction, bytes: 0, period: 0)
        var (key, table): (Expression?, String?) = (nil, nil)
        var isShared: Bool?
        while let word = line.takeIfAny() {
            if let shares = kinds[word.text] {
                guard isShared ?? shares == shares else { throw both }
                isShared = shares
            }
            switch word.text {
            case "default-limit", "limit": limit.bytes = try size(&line)
            case "default-period": limit.period = try period(&line)
            case "min-size": limit.leastPiece = try line.size()
            case "key": key = try line.expression(for: SampleLayers(rawValue: .max))
            case "table": table = try line.take("the name of a section with a stick-table").text
            default: throw .unexpected(word)
            }
        }
        let word = isShared == true ? "limit" : "default-limit"
        guard limit.bytes > 0 else { throw .missing(expected: "'\(word)' and a number of bytes") }
        if isShared == true {
            guard let key else { throw .missing(expected: "'key' and a sample such as src") }
            limit.sharing = .init(by: key, in: TableName(table ?? proxy.name))
        } else {
            guard limit.period > 0 else { throw .missing(expected: "'default-period' and a time") }
        }
        proxy.bandwidthLimits.append(limit)
    }

    /// Which words are about a limit that streams share.
    private static let kinds = [
        "default-limit": false, "default-period": false, "limit": true, "key": true, "table": true,
    ]

    private static var both: Refusal {
        .conflict(
            "'default-limit' and 'default-period' make a limit of each stream, 'limit', 'key' and 'table' one of all with a key"
        )
    }

    private static func size(_ line: inout LineReader) throws(Refusal) -> Int {
        let word = line.next
        let size = try line.size()
        guard size > 0, size <= Int(UInt32.max) else {
            throw .invalid(word ?? Word(""), expected: "at least a byte and less than 4g")
        }
        return size
    }

    private static func period(_ line: inout LineReader) throws(Refusal) -> Int {
        let word = line.next
        let time = try line.time()
        guard time > 0 else { throw .invalid(word ?? Word(""), expected: "a time above 0") }
        return time
    }

    /// What stands behind `set-bandwidth-limit`. Which limit the name means is found out when the section has been read.
    static func limit(
        _ line: inout LineReader, for layers: SampleLayers
    ) throws(Refusal) -> BandwidthLimit {
        let name = try line.take("the name of a 'filter bwlim-in' or 'bwlim-out'").text
        var limit = BandwidthLimit(
            section: line.surroundings.section, name: name, .answer, bytes: 0, period: 0)
        while let word = line.next, word.text == "limit" || word.text == "period" {
            line.skip()
            let isSize = word.text == "limit"
            guard let value = line.next else { throw .missing(expected: "a value, or a sample of one") }
            let constant = isSize ? try? Units.bytes(value.text) : try? Units.milliseconds(value.text)
            let expression: Expression
            if let constant {
                line.skip()
                expression = Expression(integer: Int64(constant))
            } else {
                expression = try line.expression(for: layers)
            }
            guard expression.output.casts(to: .integer) else {
                throw .invalid(
                    value, expected: isSize ? "a size, or a sample of one" : "a time, or a sample of one")
            }
            if isSize { limit.chosenBytes = expression } else { limit.chosenPeriod = expression }
        }
        return limit
    }
}
