import Kubernetes
import Wire

/// What the value of a flag looks like, and how it is read. Reading is total: nil means the text is not of this form.
enum ValueForm: Sendable, Equatable {
    /// No value: given or not.
    case present
    /// Any text, called by this placeholder in `--help`.
    case text(String)
    /// One of these words.
    case choice([String])
    /// A TCP port; 0 turns the listener off.
    case port
    /// A whole number from 1 to 1024.
    case count
    /// A span of time: `500ms`, `10s`, `5m`, `1h`; a bare number is seconds.
    case duration
    /// `NAMESPACE/NAME`.
    case object
    /// An IPv4 or IPv6 address.
    case address
    /// Addresses and DNS names, a comma between two.
    case addresses
    /// `ADDRESS:PORT`, an IPv6 address in brackets.
    case endpoint
    /// Two URLs of proxies, a word each.
    case proxies
    /// `NAME:VALUE`, a field of a request.
    case field
    /// `NAMESPACE/SERVICE=HOST:PORT`.
    case override
    /// Labels, as the API selects by them.
    case selector

    /// How many words it takes.
    var words: Int { self == .proxies ? 2 : 1 }

    /// The placeholder in `--help`; nil where there is no value.
    var placeholder: String? {
        switch self {
        case .present: nil
        case .text(let name): name
        case .choice(let words): words.joined(separator: "|")
        case .port: "PORT"
        case .count: "N"
        case .duration: "TIME"
        case .object: "NS/NAME"
        case .address: "ADDR"
        case .addresses: "ADDR[,ADDR]"
        case .endpoint: "ADDR:PORT"
        case .proxies: "URL_A URL_B"
        case .field: "NAME:VALUE"
        case .override: "NS/SERVICE=HOST:PORT"
        case .selector: "LABELS"
        }
    }

    /// What a refused value should have been, for the error line.
    var expectation: String {
        switch self {
        case .present: "true or false"
        case .text(let name): "a value (\(name))"
        case .choice(let words): words.joined(separator: ", ")
        case .port: "a port from 0 to 65535"
        case .count: "a number from 1 to 1024"
        case .duration: "a time such as 500ms, 10s, 5m or 1h"
        case .object: "NAMESPACE/NAME"
        case .address: "an IPv4 or IPv6 address"
        case .addresses: "IP addresses or DNS names with a comma between two"
        case .endpoint: "ADDRESS:PORT"
        case .proxies: "two URLs, http://ADDRESS:PORT or https://ADDRESS:PORT"
        case .field: "NAME:VALUE"
        case .override: "NAMESPACE/SERVICE=HOST:PORT"
        case .selector: "a label selector such as team=shop or env in (prod,stage),!internal"
        }
    }

    /// Whether `text` is of this form.
    func accepts(_ text: String) -> Bool {
        switch self {
        case .present: ValueForm.truth(text) != nil
        case .text: !text.isEmpty
        case .choice(let words): words.contains(text)
        case .port: ValueForm.port(text) != nil
        case .count: ValueForm.number(text, in: 1...1024) != nil
        case .duration: ValueForm.milliseconds(text) != nil
        case .object: NamespacedName(text) != nil
        case .address: SocketAddress(text, port: 0) != nil
        case .addresses: ValueForm.addresses(text) != nil
        case .endpoint: Endpoint(text) != nil
        case .proxies: ProxyAddress(text) != nil
        case .field: ValueForm.field(text) != nil
        case .override: OverrideChoice(text) != nil
        case .selector: LabelSelector(text) != nil
        }
    }
}

extension ValueForm {
    /// Reads what a flag without a value may still be given: `--demo=false`, `SLUICE_DEMO=1`.
    static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "1", "yes", "on": true
        case "false", "0", "no", "off": false
        default: nil
        }
    }

    /// Reads addresses and DNS names, in lower case.
    static func addresses(_ text: String) -> [String]? {
        let parts = text.lowercased().split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " } }
        return parts.allSatisfy { SocketAddress($0, port: 0) != nil || isName($0) } ? parts : nil
    }

    /// Whether it is a name that a status may hold: labels of letters, digits and hyphens.
    private static func isName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        // Digits alone in the last label are a mistyped address.
        guard let last = labels.last, !last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return false
        }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                }
        }
    }

    /// Reads a field: a token, a colon, and a value without control characters.
    static func field(_ text: String) -> (name: String, value: String)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = text[..<colon]
        let isToken = name.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
        }
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        guard !name.isEmpty, isToken, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 9 }) else {
            return nil
        }
        return (String(name), String(value))
    }

    /// Reads a port.
    static func port(_ text: some StringProtocol) -> UInt16? {
        number(text, in: 0...65_535).map { UInt16($0) }
    }

    /// Reads an unsigned decimal number without sign or white space.
    static func number(_ text: some StringProtocol, in range: ClosedRange<Int>) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text),
            range.contains(value)
        else { return nil }
        return value
    }

    /// Reads a time as milliseconds, a week at most: longer is a slip, and sums of it must not overflow.
    static func milliseconds(_ text: String) -> Int? {
        let units: [(suffix: String, scale: Int)] = [
            ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("", 1_000),
        ]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let week = 7 * 24 * 3_600_000
        return number(text.dropLast(unit.suffix.count), in: 0...(week / unit.scale)).map { $0 * unit.scale }
    }
}
