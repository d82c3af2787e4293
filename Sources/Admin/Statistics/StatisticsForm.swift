import Engine
import Model

/// What the page of statistics is sent to change servers: `s=web1&s=web2&action=drain&b=%23and+so+on`, read as HAProxy reads it, from its
/// end. Of a key that may stand once the last one counts.
struct StatisticsForm: Equatable {
    /// The backend by its name, or `#` and its number.
    private(set) var backend: String?
    private(set) var action: StatisticsAction?
    /// Servers by their names, the last one first.
    private(set) var servers: [String] = []
    /// The action is none, or a part is too long.
    private(set) var isBroken = false

    /// The longest part of it.
    static let longestPart = 2_047

    init(_ body: [UInt8]) {
        for part in body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).reversed() {
            guard part.count <= StatisticsForm.longestPart else {
                isBroken = true
                return
            }
            let words = part.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = StatisticsForm.decoded(words[0]),
                let value = StatisticsForm.decoded(words.count > 1 ? words[1] : [])
            else { return }
            switch key {
            case "b" where backend == nil: backend = value
            case "action" where action == nil:
                action = StatisticsAction(rawValue: value)
                isBroken = action == nil
                if isBroken { return }
            case "s": servers.append(value)
            default: continue
            }
        }
    }

    /// Without escapes; nil if one is none.
    static func decoded(_ text: some Sequence<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
                else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}

/// What the page does with servers, under HAProxy's words.
enum StatisticsAction: String, CaseIterable {
    case ready, drain
    case maintenance = "maint"
    case ignoreChecks = "dhlth"
    case heedChecks = "ehlth"
    case healthUp = "hrunn"
    case healthStopping = "hnolb"
    case healthDown = "hdown"
    case ignoreAgent = "dagent"
    case heedAgent = "eagent"
    case agentUp = "arunn"
    case agentDown = "adown"
    case endSessions = "shutdown"
    /// As older pages have it: nothing is done where it is so already.
    case disable, enable, stop, start

    /// What is to be done with a server; nil if that changes nothing.
    func order(_ state: ServerAdminState, _ check: ServerCheck?) -> ServerOrder? {
        switch self {
        case .ready: .state(.ready)
        case .drain: .state(.drain)
        case .maintenance: .state(.maintenance)
        case .ignoreChecks, .heedChecks: check?.probe == nil ? nil : .checks(self == .heedChecks)
        case .healthUp: check?.follows == nil ? .health(.up) : nil
        case .healthStopping: check?.follows == nil ? .health(.stopping) : nil
        case .healthDown: check?.follows == nil ? .health(.down) : nil
        case .ignoreAgent, .heedAgent: check?.agent == nil ? nil : .asksAgent(self == .heedAgent)
        case .agentUp, .agentDown: check?.agent == nil ? nil : .agent(isUp: self == .agentUp)
        case .endSessions: .endSessions
        case .disable: state == .maintenance ? nil : .state(.maintenance)
        case .enable: state == .maintenance ? .state(.ready) : nil
        case .stop: state == .ready ? .state(.drain) : nil
        case .start: state == .drain ? .state(.ready) : nil
        }
    }

    /// What is offered, in HAProxy's words and order.
    static let offered: [(action: StatisticsAction, title: String)] = [
        (.ready, "Set state to READY"), (.drain, "Set state to DRAIN"), (.maintenance, "Set state to MAINT"),
        (.ignoreChecks, "Health: disable checks"), (.heedChecks, "Health: enable checks"),
        (.healthUp, "Health: force UP"), (.healthStopping, "Health: force NOLB"),
        (.healthDown, "Health: force DOWN"), (.ignoreAgent, "Agent: disable checks"),
        (.heedAgent, "Agent: enable checks"), (.agentUp, "Agent: force UP"),
        (.agentDown, "Agent: force DOWN"),
        (.endSessions, "Kill Sessions"),
    ]
}

/// What came of it, under HAProxy's codes: the client is sent to the page with one of them.
enum StatisticsOutcome: String, CaseIterable {
    case done = "DONE"
    case denied = "DENY"
    case broken = "ERRP"
    case exceeded = "EXCD"
    case unchanged = "NONE"
    case partial = "PART"
    case unknown = "UNKN"
    case notUnderstood = "IVAL"

    /// Of so many servers that were named, so many were changed; those where there was nothing to do are not counted.
    init(changed: Int, of counted: Int) {
        switch (changed, counted) {
        case (_, 0): self = .unchanged
        case (0, _): self = .broken
        case _ where changed == counted: self = .done
        default: self = .partial
        }
    }

    /// What the page says of it.
    var sentence: String {
        switch self {
        case .done: "Action processed successfully."
        case .denied: "Action denied."
        case .broken:
            "Action not processed because of invalid parameters: the action, the backend or all servers are unknown."
        case .exceeded:
            "Action not processed: there was more to read than is kept. Retry with fewer servers at a time."
        case .unchanged: "Nothing has changed."
        case .partial: "Action partially processed: some servers are unknown."
        case .unknown: "Unexpected result."
        case .notUnderstood: "Invalid request: the page is asked for by GET and changed by POST."
        }
    }
}
