import Model

/// A parameter's value: a text with variables of nginx's, those of FastCGI among them.
struct FastCGITemplate: Equatable {
    private var parts: [Part] = []

    private enum Part: Equatable {
        case template(NginxTemplate)
        case variable(FastCGI.Variable)
    }

    /// What nginx knows by more than one name.
    private static let others: [String: FastCGI.Variable] = [
        "args": .query, "uri": .documentURI,
    ]

    /// What is the same for all requests: nothing splits paths here.
    private static let constants = [
        "document_root": FastCGI.documentRoot, "realpath_root": FastCGI.documentRoot, "fastcgi_path_info": "",
        "nginx_version": "",
    ]

    /// Reads a text; nil if it has a variable that is not known, or is about one Service of several.
    init?(_ text: String) {
        var plain = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            plain += rest[..<dollar]
            guard let (name, end) = FastCGITemplate.name(in: rest, behind: dollar) else { return nil }
            if let variable = FastCGI.Variable(rawValue: name) ?? FastCGITemplate.others[name] {
                guard flush(&plain) else { return nil }
                parts.append(.variable(variable))
            } else if let constant = FastCGITemplate.constants[name] {
                plain += constant
            } else {
                guard !["service_name", "service_port"].contains(name) else { return nil }
                plain += rest[dollar..<end]
            }
            rest = rest[end...]
        }
        plain += rest
        guard text.utf8.count <= 4_096, flush(&plain) else { return nil }
    }

    /// The variable behind a `$`, in braces or not, and where it ends.
    private static func name(in text: Substring, behind dollar: Substring.Index) -> (String, Substring.Index)?
    {
        var rest = text[text.index(after: dollar)...]
        let isBraced = rest.first == "{"
        if isBraced { rest.removeFirst() }
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        rest = rest.dropFirst(name.count)
        if isBraced { guard rest.popFirst() == "}" else { return nil } }
        return (String(name), rest.startIndex)
    }

    private mutating func flush(_ plain: inout String) -> Bool {
        defer { plain = "" }
        guard !plain.isEmpty else { return true }
        guard let template = NginxTemplate(plain) else { return false }
        parts.append(.template(template))
        return true
    }

    /// The value for an Ingress.
    func pieces(_ names: TemplateNames) -> [FastCGI.Piece] {
        parts.map { part in
            switch part {
            case .template(let template): .format(template.format(names))
            case .variable(let variable): .variable(variable)
            }
        }
    }
}
