import Basics
import Model

/// How an expression may begin.
enum FetchTable {
    typealias Reader = @Sendable (inout ArgumentReader) throws(Refusal) -> Fetch

    /// By name; where HAProxy has several names for one thing they are all here.
    static let byName: [String: Reader] = {
        var table: [String: Reader] = [:]
        for fact in ClientFact.allCases { table[fact.rawValue] = { _ in .ofClient(fact) } }
        for fact in HelloFact.allCases { table[fact.rawValue] = { _ in .ofHello(fact) } }
        for fact in CaptureFact.allCases { table[fact.rawValue] = { _ in .ofCapture(fact) } }
        for fact in RequestFact.allCases { table[fact.rawValue] = { _ in .ofRequest(fact) } }
        for (name, reader) in CounterSamples.fetches + BackendSamples.fetches + CertificateSamples.fetches
            + ExchangeSamples.fetches + AnnouncedSamples.fetches + OfferSamples.fetches
        {
            table[name] = reader
        }
        for (names, reader) in constants + fields + others + PayloadSamples.fetches + BodySamples.fetches {
            for name in names.split(separator: " ") { table[String(name)] = reader }
        }
        return table
    }()

    private static let constants: [(String, Reader)] = [
        ("always_true", { _ in .boolean(true) }),
        ("wait_end", { _ in .boolean(true) }),
        ("always_false", { _ in .boolean(false) }),
        ("bool", { arguments throws(Refusal) in .boolean(try truth(&arguments)) }),
        (
            "int",
            { arguments throws(Refusal) in
                let word = try arguments.take("a whole number")
                guard let value = Int64(word.text) else { throw .invalid(word, expected: "a whole number") }
                return .integer(value)
            }
        ),
        ("str", { arguments in .string(arguments.takeIfAny()?.bytes ?? []) }),
        ("bin", { arguments throws(Refusal) in .binary(try hex(&arguments)) }),
        ("ipv4 ipv6", { arguments throws(Refusal) in .address(try address(&arguments)) }),
        (
            "rand",
            { arguments throws(Refusal) in
                let range = try arguments.integerIfAny(in: 0...Int(UInt32.max), "a number below 2^32")
                return .random(range: range.map { UInt32($0) })
            }
        ),
    ]

    private static let fields: [(String, Reader)] = [
        ("hdr req.hdr", { arguments throws(Refusal) in .requestField(try field(&arguments)) }),
        (
            "fhdr req.fhdr",
            { arguments throws(Refusal) in .requestField(try field(&arguments, isWhole: true)) }
        ),
        (
            "hdr_val req.hdr_val",
            { arguments throws(Refusal) in .requestField(try field(&arguments, as: .integer)) }
        ),
        (
            "hdr_ip req.hdr_ip",
            { arguments throws(Refusal) in .requestField(try field(&arguments, as: .address)) }
        ),
        (
            "hdr_cnt req.hdr_cnt",
            { arguments throws(Refusal) in .requestFieldCount(try counted(&arguments), isWhole: false) }
        ),
        (
            "fhdr_cnt req.fhdr_cnt",
            { arguments throws(Refusal) in .requestFieldCount(try counted(&arguments), isWhole: true) }
        ),
        (
            "req.hdr_names",
            { arguments throws(Refusal) in
                .requestFieldNames(separator: try arguments.byteIfAny() ?? UInt8(ascii: ","))
            }
        ),
        ("cook req.cook", { arguments in .cookie(arguments.takeIfAny()?.text, as: .string) }),
        ("cook_val req.cook_val", { arguments in .cookie(arguments.takeIfAny()?.text, as: .integer) }),
        ("cook_cnt req.cook_cnt", { arguments in .cookieCount(arguments.takeIfAny()?.text) }),
    ]

    private static let others: [(String, Reader)] = [
        ("url_param urlp", { arguments throws(Refusal) in try parameter(&arguments, as: .string) }),
        ("urlp_val", { arguments throws(Refusal) in try parameter(&arguments, as: .integer) }),
        ("base32", { _ in .hashed(.base, withSource: false) }),
        ("base32+src", { _ in .hashed(.base, withSource: true) }),
        ("url32", { _ in .hashed(.url, withSource: false) }),
        ("url32+src", { _ in .hashed(.url, withSource: true) }),
        (
            "var",
            { arguments throws(Refusal) in
                let name = try arguments.variable()
                return .variable(name, else: arguments.takeIfAny()?.bytes)
            }
        ),
        (
            "capture.req.hdr",
            { arguments throws(Refusal) in .captured(slot: try slot(&arguments), isAnswer: false) }
        ),
        (
            "capture.res.hdr",
            { arguments throws(Refusal) in .captured(slot: try slot(&arguments), isAnswer: true) }
        ),
        (
            "http_auth",
            { arguments throws(Refusal) in .authenticated(list: try arguments.take("a userlist's name").text)
            }
        ),
        (
            "http_auth_group",
            { arguments throws(Refusal) in
                .authenticatedGroups(list: try arguments.take("a userlist's name").text)
            }
        ),
        ("http_auth_user", { _ in .credentials(.user) }),
        ("http_auth_pass", { _ in .credentials(.password) }),
        ("http_auth_type", { _ in .credentials(.type) }),
        (
            "http_auth_bearer",
            { arguments in .bearer(field: arguments.takeIfAny()?.text ?? "authorization") }
        ),
        ("be_name", { _ in .backendName }),
        ("txn.conn_retries", { _ in .told(.retries) }),
        ("be_server_timeout", { _ in .told(.serverTimeout(isCurrent: false)) }),
        ("cur_server_timeout", { _ in .told(.serverTimeout(isCurrent: true)) }),
        ("be_tunnel_timeout", { _ in .told(.tunnelTimeout(isCurrent: false)) }),
        ("cur_tunnel_timeout", { _ in .told(.tunnelTimeout(isCurrent: true)) }),
        (
            "env",
            { arguments throws(Refusal) in
                let name = try arguments.take("the name of a variable")
                return .string(Array((arguments.environment[name.text] ?? "").utf8))
            }
        ),
        ("prio_class", { _ in .told(.priorityClass) }),
        ("prio_offset", { _ in .told(.priorityOffset) }),
        ("srv_name", { _ in .serverName }),
        ("status", { _ in .status }),
        ("res.hdr shdr", { arguments throws(Refusal) in .answerField(try field(&arguments)) }),
        ("res.fhdr", { arguments throws(Refusal) in .answerField(try field(&arguments, isWhole: true)) }),
        (
            "res.hdr_val shdr_val",
            { arguments throws(Refusal) in .answerField(try field(&arguments, as: .integer)) }
        ),
        (
            "res.hdr_ip shdr_ip",
            { arguments throws(Refusal) in .answerField(try field(&arguments, as: .address)) }
        ),
        (
            "res.hdr_cnt shdr_cnt",
            { arguments throws(Refusal) in .answerFieldCount(try counted(&arguments), isWhole: false) }
        ),
        (
            "res.fhdr_cnt",
            { arguments throws(Refusal) in .answerFieldCount(try counted(&arguments), isWhole: true) }
        ),
        (
            "res.cook scook set-cookie",
            { arguments in .answerCookie(arguments.takeIfAny()?.text, as: .string) }
        ),
        (
            "res.cook_val scook_val",
            { arguments in .answerCookie(arguments.takeIfAny()?.text, as: .integer) }
        ),
        ("res.cook_cnt scook_cnt", { arguments in .answerCookieCount(arguments.takeIfAny()?.text) }),
        (
            "uuid",
            { arguments throws(Refusal) in
                let version = try arguments.integerIfAny(in: 0...9, "4 or 7") ?? 4
                guard version == 4 || version == 7 else {
                    throw .conflict("'uuid(\(version))': expected 4 or 7")
                }
                return .uuid(version: version)
            }
        ),
        ("req_ver", { _ in .ofRequest(.version) }),
        ("meth", { _ in .ofRequest(.method) }),
        ("req_ssl_sni", { _ in .ofHello(.serverName) }),
        ("req_ssl_hello_type", { _ in .ofHello(.type) }),
        ("req_ssl_ver", { _ in .ofHello(.version) }),
        ("req.proto_http req_proto_http", { _ in .ofRequest(.isHTTP) }),
    ]

    private static func slot(_ arguments: inout ArgumentReader) throws(Refusal) -> Int {
        try arguments.integer(in: 0...65_535, "the number of a capture")
    }

    private static func truth(_ arguments: inout ArgumentReader) throws(Refusal) -> Bool {
        let word = try arguments.take("true or false")
        switch word.text {
        case "true", "1": return true
        case "false", "0": return false
        default: throw .invalid(word, expected: "true, false, 1 or 0")
        }
    }

    private static func hex(_ arguments: inout ArgumentReader) throws(Refusal) -> [UInt8] {
        let word = try arguments.take("hexadecimal digits")
        guard let bytes = HexDigits.bytes(word.text) else {
            throw .invalid(word, expected: "pairs of hexadecimal digits")
        }
        return bytes
    }

    private static func address(_ arguments: inout ArgumentReader) throws(Refusal) -> String {
        let isV6 = arguments.call.name == "ipv6"
        let word = try arguments.take("an address")
        guard AddressSyntax.isAddress(word.text, isV6: isV6) else {
            throw .invalid(word, expected: isV6 ? "an IPv6 address" : "an IPv4 address")
        }
        return word.text
    }

    private static func name(_ arguments: inout ArgumentReader) throws(Refusal) -> String {
        let word = try arguments.take("the name of a field")
        guard word.bytes.count <= 255 else { throw .invalid(word, expected: "at most 255 bytes") }
        return word.text
    }

    /// The field that is counted.
    private static func counted(_ arguments: inout ArgumentReader) throws(Refusal) -> String {
        if arguments.call.arguments.first?.bytes.isEmpty != false {
            guard arguments.call.name.hasSuffix("hdr_cnt"), !arguments.call.name.hasPrefix("res"),
                !arguments.call.name.hasPrefix("s")
            else {
                throw .unsupported(
                    "\(arguments.call.name) of all fields", instead: "of one by its name it is")
            }
            _ = arguments.takeIfAny()
            return ""
        }
        return try name(&arguments)
    }

    private static func field(
        _ arguments: inout ArgumentReader, isWhole: Bool = false, as type: SampleType = .string
    ) throws(Refusal) -> FieldPick {
        let name = try name(&arguments)
        let occurrence = try arguments.integerIfAny(in: -128...128, "a number from -128 to 128") ?? 0
        return FieldPick(name, occurrence: occurrence, isWhole: isWhole, as: type)
    }

    private static func parameter(_ arguments: inout ArgumentReader, as type: SampleType) throws(Refusal)
        -> Fetch
    {
        let name = arguments.takeIfAny()?.text
        return .parameter(name, delimiter: try arguments.byteIfAny() ?? UInt8(ascii: "?"), as: type)
    }
}
