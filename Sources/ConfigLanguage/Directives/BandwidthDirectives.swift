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
        while let word = line.takeIfAny() {
            switch word.text {
            case "default-limit": limit.bytes = try size(&line)
            case "default-period": limit.period = try period(&line)
            case "min-size": limit.leastPiece = try line.size()
            case "key", "limit", "table":
                throw .unsupported(
                    "\(line.subject) … \(word.text)",
                    instead: "streams that share a limit are not held back together; a limit of each, "
                        + "'default-limit' with 'default-period', is there")
            default: throw .unexpected(word)
            }
        }
        guard limit.bytes > 0 else { throw .missing(expected: "'default-limit' and a number of bytes") }
        guard limit.period > 0 else { throw .missing(expected: "'default-period' and a time") }
        proxy.bandwidthLimits.append(limit)
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
