import Basics

/// What an agent's line says: HAProxy's words in any order, the last of a kind counts.
struct AgentReply: Equatable, Sendable {
    /// Whether the server is up; nil if nothing is said about it.
    var isUp: Bool?
    /// What else it is to be; nil if nothing is said about it.
    var order: Order?
    var weight: AgentWeight?
    /// The most requests in flight; 0 is no limit.
    var maxConnections: Int?
    /// The word about up and down, and the words behind `#`.
    var words = ""
    /// The first word that means nothing.
    var unknown: String?

    /// What an agent may order.
    enum Order: Sendable, Equatable {
        case ready
        case drain
        case maintenance
    }

    /// Reads a line: words between blanks and commas, up to `#`, behind which stands why.
    init(_ line: ByteView) {
        var at = 0
        var why = ""
        while at < line.count {
            if isSeparator(line[at]) {
                at += 1
            } else if line[at] == UInt8(ascii: "#") {
                why = line[at + 1..<line.count].trimmed.string
                break
            } else {
                let start = at
                while at < line.count, !isSeparator(line[at]) { at += 1 }
                take(line[start..<at])
            }
        }
        if !why.isEmpty { words += words.isEmpty ? "(\(why))" : " (\(why))" }
    }

    private mutating func take(_ word: ByteView) {
        if takeHealth(word) { return }
        if word.equalsIgnoringCase("ready") {
            order = .ready
        } else if word.equalsIgnoringCase("drain") {
            order = .drain
        } else if word.equalsIgnoringCase("maint") {
            order = .maintenance
        } else if let number = word.number(behind: "maxconn:") {
            maxConnections = number
        } else if let number = word.number(behind: "weight:"), number <= 256 {
            weight = .absolute(number)
        } else if word.count > 1, word[word.count - 1] == UInt8(ascii: "%"),
            let percent = word[0..<word.count - 1].decimal, percent <= 25_600
        {
            weight = .percent(Int(percent))
        } else if unknown == nil {
            unknown = word[0..<min(word.count, 32)].string
        }
    }

    private mutating func takeHealth(_ word: ByteView) -> Bool {
        if word.equalsIgnoringCase("up") {
            isUp = true
        } else if word.equalsIgnoringCase("down") || word.equalsIgnoringCase("fail")
            || word.equalsIgnoringCase("stopped")
        {
            isUp = false
        } else {
            return false
        }
        words = String(word.string.lowercased())
        return true
    }

    /// How the check ended that brought it.
    var result: CheckResult {
        switch isUp {
        case true?: CheckResult(.passed, info: "via agent : \(words)")
        case false?: CheckResult(.wrongStatus, info: "via agent : \(words)")
        case nil: CheckResult(.unchanged, info: unknown.map { "via agent : unknown word \($0)" } ?? "")
        }
    }
}

/// A weight in an agent's words.
enum AgentWeight: Sendable, Equatable {
    /// Of the configured one.
    case percent(Int)
    case absolute(Int)

    /// The weight of a server whose configured one is `configured`.
    func weight(of configured: Int) -> Int {
        switch self {
        case .percent(let percent): min(256, max(0, min(256, configured)) * percent / 100)
        case .absolute(let weight): max(0, min(256, weight))
        }
    }
}

private func isSeparator(_ byte: UInt8) -> Bool { isBlank(byte) || byte == UInt8(ascii: ",") }

extension ByteView {
    /// The number behind a prefix, if that is what these bytes are.
    fileprivate func number(behind prefix: StaticString) -> Int? {
        let length = prefix.utf8CodeUnitCount
        guard count > length, self[0..<length].equalsIgnoringCase(prefix),
            let number = self[length..<count].decimal, number <= Int64(Int32.max)
        else { return nil }
        return Int(number)
    }
}
