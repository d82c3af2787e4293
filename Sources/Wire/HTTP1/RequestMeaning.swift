public import Basics
import CSystem

/// What a syntactically valid request head says, or why it must be refused: framing, host, connection options.
enum RequestMeaning {
    /// What the fields said, gathered in one pass.
    private struct Findings {
        var hostIndex = -1
        var hostCount = 0
        var lengthIndex = -1
        var lengthCount = 0
        var codingIndex = -1
        var codingCount = 0
        var hasUpgradeField = false
        var hasConnection = false
    }

    /// Fills in the head's meaning; nil when it is sound.
    static func settle(_ head: inout RequestHead, _ bytes: ByteView) -> HeadError? {
        let methodName = bytes[head.method.indices]
        if methodName.equals("CONNECT") { return .unsupportedMethod }
        head.isHead = methodName.equals("HEAD")
        head.keepsAlive = head.minorVersion == 1
        let findings = gather(&head, bytes)
        if findings.hasConnection { connectionOptions(&head, bytes, findings) }
        if let problem = framing(&head, bytes, findings) { return problem }
        if let problem = target(&head, bytes, isOptions: methodName.equals("OPTIONS")) { return problem }
        return host(&head, bytes, findings)
    }

    @inline(__always)
    private static func gather(_ head: inout RequestHead, _ bytes: ByteView) -> Findings {
        var findings = Findings()
        for i in 0..<head.fields.count {
            let field = head.fields[i]
            guard field.name != .other else { continue }
            switch field.name {
            case .host:
                findings.hostIndex = i
                findings.hostCount += 1
            case .contentLength:
                findings.lengthIndex = i
                findings.lengthCount += 1
            case .transferEncoding:
                findings.codingIndex = i
                findings.codingCount += 1
            case .expect:
                head.expectsContinue = field.value(in: bytes).equalsIgnoringCase("100-continue")
            case .upgrade: findings.hasUpgradeField = offersUpgrade(field.value(in: bytes))
            case .connection: findings.hasConnection = true
            default: break
            }
        }
        return findings
    }

    /// An upgrade to cleartext HTTP/2 is not passed on: its later requests would go past the routes.
    private static func offersUpgrade(_ value: ByteView) -> Bool {
        var list = CommaList(value)
        var isOffered = false
        while let name = list.next() {
            if name.equalsIgnoringCase("h2c") || name.equalsIgnoringCase("h2") { return false }
            isOffered = true
        }
        return isOffered
    }

    private static func connectionOptions(_ head: inout RequestHead, _ bytes: ByteView, _ findings: Findings)
    {
        var (saysClose, saysKeepAlive, saysUpgrade) = (false, false, false)
        for i in 0..<head.fields.count where head.fields[i].name == .connection {
            var list = CommaList(head.fields[i].value(in: bytes))
            while let option = list.next() {
                if option.equalsIgnoringCase("close") {
                    saysClose = true
                } else if option.equalsIgnoringCase("keep-alive") {
                    saysKeepAlive = true
                } else if option.equalsIgnoringCase("upgrade") {
                    saysUpgrade = true
                } else {
                    head.fields.removeNamed(option, in: bytes)
                }
            }
        }
        head.keepsAlive = !saysClose && (head.minorVersion == 1 || saysKeepAlive)
        head.wantsUpgrade = saysUpgrade && findings.hasUpgradeField && head.minorVersion == 1
    }

    /// RFC 9112 6.1-6.3, without its leniencies: every shape that two readers could delimit differently is refused.
    private static func framing(_ head: inout RequestHead, _ bytes: ByteView, _ findings: Findings)
        -> HeadError?
    {
        if findings.codingCount > 0 {
            if findings.lengthCount > 0 { return .contentLengthAndTransferEncoding }
            if head.minorVersion == 0 { return .transferEncodingInHTTP10 }
            let coding = head.fields[findings.codingIndex].value(in: bytes)
            guard findings.codingCount == 1, coding.equalsIgnoringCase("chunked") else {
                return .unknownTransferEncoding
            }
            head.framing = .chunked
            return nil
        }
        guard findings.lengthCount > 0 else { return nil }
        if findings.lengthCount > 1 { return .severalContentLengths }
        let value = head.fields[findings.lengthIndex].value(in: bytes)
        if value.firstIndex(of: UInt8(ascii: ",")) != nil { return .severalContentLengths }
        guard let length = value.decimal else { return .badContentLength }
        head.framing = .length(length)
        return nil
    }

    /// RFC 9112 3.2: origin form, absolute form with http or https, `*` for OPTIONS.
    private static func target(_ head: inout RequestHead, _ bytes: ByteView, isOptions: Bool) -> HeadError? {
        let target = bytes[head.target.indices]
        head.path = head.target
        if target[0] != UInt8(ascii: "/") {
            if target.equals("*") {
                guard isOptions else { return .badTarget }
                head.isAsterisk = true
                return nil
            }
            guard let rest = absoluteRest(target) else { return .badTarget }
            let start = Int(head.target.start) + rest
            let authority = target[rest..<target.count]
            let end = authorityEnd(authority)
            guard end > 0, authority[0..<end].firstIndex(of: UInt8(ascii: "@")) == nil else {
                return .badTarget
            }
            head.host = HeadRange(start, count: end)
            head.path = HeadRange(start + end, count: target.count - rest - end)
            if head.path.isEmpty, isOptions { head.isAsterisk = true }
            if !head.path.isEmpty, authority[end] == UInt8(ascii: "?") { return .badTarget }
        }
        // Most paths are plain, and nothing has been noted yet. Behind heads that are parsed there is always something to read.
        let path = bytes[head.path.indices]
        if path.withPointer({ csystem_is_plain_path($0, $1) == 0 }) { head.look(at: path) }
        return nil
    }

    /// How long `http://` or `https://` is at the target's start; nil if neither is there.
    private static func absoluteRest(_ target: ByteView) -> Int? {
        if target.count > 7, target[0..<7].equalsIgnoringCase("http://") { return 7 }
        if target.count > 8, target[0..<8].equalsIgnoringCase("https://") { return 8 }
        return nil
    }

    private static func authorityEnd(_ rest: ByteView) -> Int {
        var end = 0
        while end < rest.count, rest[end] != UInt8(ascii: "/"), rest[end] != UInt8(ascii: "?") { end += 1 }
        return end
    }

    /// RFC 9112 3.2: HTTP/1.1 needs exactly one Host; an absolute target overrides it.
    private static func host(_ head: inout RequestHead, _ bytes: ByteView, _ findings: Findings) -> HeadError?
    {
        if findings.hostCount > 1 { return .severalHosts }
        if findings.hostCount == 0, head.minorVersion == 1 { return .missingHost }
        if findings.hostCount == 1 {
            let field = head.fields[findings.hostIndex]
            guard HostSyntax.isValid(field.value(in: bytes)) else { return .badHost }
            if head.host.isEmpty {
                head.host = HeadRange(Int(field.valueStart), count: Int(field.valueCount))
                return nil
            }
        }
        return head.host.isEmpty || HostSyntax.isValid(bytes[head.host.indices]) ? nil : .badHost
    }
}

extension HeaderTable {
    /// Marks the fields that a `Connection` option names, but for those that carry the message's meaning.
    mutating func removeNamed(_ option: ByteView, in bytes: ByteView) {
        guard !option.isEmpty else { return }
        for i in 0..<count where self[i].nameCount == option.count {
            let start = Int(self[i].nameStart)
            let name = bytes[start..<start + option.count]
            if name.equalsIgnoringCase(option) { self[i].isRemoved = true }
        }
    }
}

/// The elements of a comma-separated field value, blanks around them removed, empty ones left out.
public struct CommaList {
    private let value: ByteView
    private var position = 0

    /// Walks over a field value.
    public init(_ value: ByteView) { self.value = value }

    /// The next element.
    public mutating func next() -> ByteView? {
        while position < value.count {
            let end = value.firstIndex(of: UInt8(ascii: ","), from: position) ?? value.count
            let element = value[position..<end].trimmed
            position = end + 1
            if !element.isEmpty { return element }
        }
        return nil
    }
}

/// The syntax of a Host value (RFC 3986 3.2.2 without its rarities): a name, an IPv4 or a bracketed IPv6 address,
/// and an optional port.
public enum HostSyntax {
    /// Whether `value` is a host with an optional port; an empty one is not.
    public static func isValid(_ value: ByteView) -> Bool {
        let name = withoutPort(value)
        guard !name.isEmpty, value.count <= 261 else { return false }
        if name.count < value.count {
            // `withoutPort` has seen that they are digits.
            guard value.count - name.count <= 6 else { return false }
        }
        if name[0] == UInt8(ascii: "[") { return isBracketed(name) }
        return name.withPointer { csystem_are_host_bytes($0, $1) != 0 }
    }

    /// The host without `:port`.
    public static func withoutPort(_ value: ByteView) -> ByteView {
        value.withPointer { start, count in
            var at = count
            while at > 0 {
                at &-= 1
                if start[at] == UInt8(ascii: ":") { return ByteView(start: start, count: at) }
                if !isDigit(start[at]) { return value }
            }
            return value
        }
    }

    private static func isBracketed(_ name: ByteView) -> Bool {
        guard name.count > 3, name[name.count - 1] == UInt8(ascii: "]") else { return false }
        for i in 1..<name.count - 1 {
            let byte = foldCase(name[i])
            let isHex = isDigit(byte) || byte &- UInt8(ascii: "a") < 6
            guard isHex || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") else { return false }
        }
        return true
    }
}

extension CommaList {
    /// The first element of a list, empty if it has none.
    public static func first(_ value: ByteView) -> ByteView {
        var list = CommaList(value)
        return list.next() ?? .empty
    }
}
