import Model

/// A line of a log as nginx's `log_format` has it: a text with variables.
///
/// ```
///   $remote_addr - "$request" ${status}s      variable, text, variable, text, variable, text
/// ```
struct NginxLogFormat: Sendable, Equatable {
    private(set) var pieces: [Piece] = []
    /// Variables that nobody knows, once each, in their order. They are written as what is not there.
    private(set) var unknown: [String] = []

    enum Piece: Sendable, Equatable {
        case text([UInt8])
        case value(LogSource)
        /// A variable that is nothing here.
        case nothing
    }

    /// What a line is about, which is who knows which variables.
    enum Subject: Sendable {
        case requests, sessions
    }

    private static let longest = 8_192

    /// What ingress-nginx writes of requests and of sessions if nobody says otherwise.
    static let ofRequests = NginxLogFormat(
        #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "#
            + #""$http_user_agent" $request_length $request_time [$proxy_upstream_name] "#
            + "[$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length "
            + "$upstream_response_time $upstream_status $req_id", of: .requests)
    static let ofSessions = NginxLogFormat(
        "[$remote_addr] [$time_local] $protocol $status $bytes_sent $bytes_received $session_time",
        of: .sessions)

    /// Reads a text; nil if a `$` begins no name, or a brace behind one is not closed.
    init?(_ text: String, of subject: Subject) {
        guard !text.isEmpty, text.utf8.count <= NginxLogFormat.longest else { return nil }
        var rest = NginxLogFormat.unescaped(text)[...]
        while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
            add(rest[..<dollar])
            rest = rest[(dollar + 1)...]
            let isBraced = rest.first == UInt8(ascii: "{")
            if isBraced { rest.removeFirst() }
            let name = rest.prefix(while: NginxLogFormat.isOfName)
            guard !name.isEmpty else { return nil }
            rest = rest.dropFirst(name.count)
            if isBraced { guard rest.popFirst() == UInt8(ascii: "}") else { return nil } }
            add(String(decoding: name, as: UTF8.self), subject)
        }
        add(rest)
    }

    private mutating func add(_ text: ArraySlice<UInt8>) {
        if !text.isEmpty { pieces.append(.text(Array(text))) }
    }

    private mutating func add(_ name: String, _ subject: Subject) {
        if let source = LogSource(name, of: subject) { return pieces.append(.value(source)) }
        pieces.append(.nothing)
        guard !LogSource.isNothing(name), !unknown.contains(name) else { return }
        unknown.append(name)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The text between quotation marks of nginx's configuration: a backslash before a quotation mark or another backslash goes,
    /// and those before `t`, `r` and `n` make control bytes.
    private static func unescaped(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.first else {
                bytes.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): bytes.append(next)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            default:
                bytes.append(byte)
                continue
            }
            rest.removeFirst()
        }
        return bytes
    }
}

extension SettingForm where Value == NginxLogFormat {
    /// A line of a log.
    static func logLine(of subject: NginxLogFormat.Subject) -> SettingForm {
        SettingForm(
            type: "text with variables",
            expectation: "a text of 8,192 bytes at most, in which a name stands behind every $"
        ) { text, _ in
            NginxLogFormat(text, of: subject)
        }
    }
}
