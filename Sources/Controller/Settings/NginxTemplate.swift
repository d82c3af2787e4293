import Model

/// A text with variables of nginx's in it, from a closed set: what annotations may say of a request.
struct NginxTemplate: Sendable, Equatable {
    private let pieces: [Piece]

    private enum Piece: Sendable, Equatable {
        case text(String)
        case sample(Expression)
        case name(Name)
    }

    /// What the Ingress itself says.
    private enum Name: String, Sendable {
        case namespace
        case ingress = "ingress_name"
        case service = "service_name"
        case port = "service_port"
        case server = "server_name"
    }

    /// Reads a text; nil if it has a variable that is not known, or what no field can hold. `others` are variables besides, `1` to
    /// `9` among them.
    init?(_ text: String, knowing others: [String: NginxTemplate] = [:]) {
        guard text.utf8.count <= 4_096, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            if dollar > rest.startIndex { pieces.append(.text(String(rest[..<dollar]))) }
            rest = rest[rest.index(after: dollar)...]
            let isBraced = rest.first == "{"
            if isBraced { rest.removeFirst() }
            let name = NginxTemplate.name(at: rest)
            rest = rest.dropFirst(name.count)
            if isBraced { guard rest.popFirst() == "}" else { return nil } }
            if let other = others[name] {
                pieces += other.pieces
            } else {
                guard let piece = NginxTemplate.piece(name) else { return nil }
                pieces.append(piece)
            }
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        self.pieces = pieces
    }

    /// One variable alone, that an expression reads.
    init(_ expression: Expression) { pieces = [.sample(expression)] }

    /// The name of a variable; that of a group is one digit.
    private static func name(at text: Substring) -> String {
        if let first = text.first, ("0"..."9").contains(first) { return String(first) }
        return String(text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    }

    /// A text without any: a `$` stands for itself. nil if no field can hold it.
    init?(plain text: String) {
        guard text.utf8.count <= 4_096, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        pieces = text.isEmpty ? [] : [.text(text)]
    }

    /// Whether nothing is written.
    var isEmpty: Bool { pieces.isEmpty }

    /// Whether it has to be known whose Ingress it is about.
    var namesIngress: Bool {
        pieces.contains { piece in
            if case .name = piece { true } else { false }
        }
    }

    private static func piece(_ name: String) -> Piece? {
        if let own = Name(rawValue: name) { return .name(own) }
        return expression(name).map { .sample($0) }
    }

    private static func expression(_ name: String) -> Expression? {
        switch name {
        case "host", "best_http_host":
            try? Expression(
                .requestField(FieldPick("host", isWhole: true)),
                [.regexReplace(RegexReplacement(":[0-9]*$", by: [])), .lower])
        case "http_host": try? Expression(.requestField(FieldPick("host", isWhole: true)))
        case "scheme", "pass_access_scheme":
            try? Expression(
                .ofClient(.isTLS), [.choose(whenTrue: Array("https".utf8), whenFalse: Array("http".utf8))])
        case "request_uri": try? Expression(.ofRequest(.pathAndQuery))
        case "escaped_request_uri": try? Expression(.ofRequest(.pathAndQuery), [.encodeURL])
        case "uri": try? Expression(.ofRequest(.path))
        case "args", "query_string": try? Expression(.ofRequest(.query))
        case "remote_user": try? Expression(.credentials(.user))
        case "remote_addr": try? Expression(.ofClient(.source))
        case "server_port": try? Expression(.ofClient(.destinationPort))
        case "request_method": try? Expression(.ofRequest(.method))
        case "content_type": try? Expression(.requestField(FieldPick("content-type", isWhole: true)))
        case "content_length": try? Expression(.requestField(FieldPick("content-length", isWhole: true)))
        case "request_id": try? Expression(.told(.drawnID))
        case "req_id": try? Expression(.told(.requestID))
        default: ofTLS(name) ?? named(name)
        }
    }

    /// `$ssl_…`.
    private static func ofTLS(_ name: String) -> Expression? {
        func certificate(
            _ part: CertificatePart, pick: NamePick? = nil, _ converters: [Converter] = []
        ) -> Expression? {
            try? Expression(.certificate(CertificateRead(.client, part, pick: pick)), converters)
        }
        return switch name {
        case "ssl_client_verify": try? Expression(.told(.verification))
        case "ssl_client_escaped_cert": try? Expression(.told(.certificate))
        case "ssl_client_s_dn": certificate(.subject, pick: .rfc2253)
        case "ssl_client_i_dn": certificate(.issuer, pick: .rfc2253)
        case "ssl_client_serial": certificate(.serial, [.hex])
        case "ssl_client_fingerprint": certificate(.sha1, [.hex, .lower])
        case "ssl_protocol": try? Expression(.ofClient(.tlsVersion))
        case "ssl_cipher": try? Expression(.ofClient(.tlsCipher))
        case "ssl_server_name": try? Expression(.ofClient(.serverName))
        default: nil
        }
    }

    /// `$http_NAME`, `$arg_NAME`, `$cookie_NAME`.
    private static func named(_ name: String) -> Expression? {
        func rest(_ prefix: String) -> String? {
            name.hasPrefix(prefix) && name.count > prefix.count ? String(name.dropFirst(prefix.count)) : nil
        }
        if let field = rest("http_") {
            let dashed = String(field.lowercased().map { $0 == "_" ? "-" : $0 })
            return try? Expression(.requestField(FieldPick(dashed, isWhole: true)))
        }
        if let parameter = rest("arg_") {
            return try? Expression(.parameter(parameter, delimiter: UInt8(ascii: "?"), as: .string))
        }
        return rest("cookie_").flatMap { try? Expression(.cookie($0, as: .string)) }
    }

    /// The text as the engine writes it, for an Ingress's path.
    func format(_ names: TemplateNames) -> FormatString {
        FormatString(
            pieces.map { piece in
                switch piece {
                case .text(let text): .text(Array(text.utf8))
                case .sample(let expression): .sample(expression, .encoded)
                case .name(let name): .text(Array(value(of: name, names).utf8))
                }
            })
    }

    /// The one variable of a text that is nothing else.
    var onlyExpression: Expression? {
        guard pieces.count == 1, case .sample(let expression)? = pieces.first else { return nil }
        return expression
    }

    private func value(of name: Name, _ names: TemplateNames) -> String {
        switch name {
        case .namespace: names.namespace
        case .ingress: names.ingress
        case .service: names.service
        case .port: names.port
        case .server: names.server
        }
    }
}

/// What a template's own variables mean for a path of an Ingress.
struct TemplateNames: Equatable {
    var namespace = ""
    var ingress = ""
    var service = ""
    var port = ""
    var path = ""
    /// The host of the rule, `_` without one.
    var server = ""
}

extension SettingForm where Value == NginxTemplate {
    /// A text with variables.
    static var nginxTemplate: SettingForm {
        SettingForm(type: "text with variables", expectation: "a text whose $variables are known") {
            text, _ in
            text.isEmpty ? nil : NginxTemplate(text)
        }
    }
}
