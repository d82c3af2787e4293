import Model

/// Makes rules of a snippet's directives. Each is known as a whole, or the whole text is not taken: reading is total and runs nothing.
struct SnippetReader {
    private var snippet = Snippet()
    /// What `set` has said so far.
    private var variables: [String: NginxTemplate] = [:]
    private var type = "text/html"

    /// Reads a text: what it says, or the first line that is not known.
    static func read(_ text: String) throws(SnippetFlaw) -> Snippet {
        var reader = SnippetReader()
        for directive in try NginxDirective.read(text) { try reader.take(directive) }
        return reader.snippet
    }

    private mutating func take(_ directive: NginxDirective) throws(SnippetFlaw) {
        guard (directive.block != nil) == ["if", "limit_except"].contains(directive.name) else {
            throw unknown(directive)
        }
        switch directive.name {
        case "return", "rewrite": try takeAnswer(directive, when: [], [:])
        case "if": try takeCondition(directive)
        case "set": try takeVariable(directive)
        case "allow", "deny":
            guard snippet.access.allSatisfy(\.spared.isEmpty) else {
                throw unknown(directive, "stands beside limit_except")
            }
            snippet.access.append(try SnippetReader.access(directive))
        case "limit_except": try takeMethods(directive)
        case "default_type": type = try SnippetReader.one(directive)
        case "proxy_set_header": try takeAsked(directive)
        case "add_header": try takeAdded(directive)
        case "proxy_hide_header": snippet.hidden.append(try name(SnippetReader.one(directive), directive))
        case "more_set_headers", "more_clear_headers", "more_set_input_headers", "more_clear_input_headers":
            try takeMore(directive)
        default: try takeSetting(directive)
        }
    }

    private func unknown(_ directive: NginxDirective, _ why: String = "is not known here") -> SnippetFlaw {
        let name = directive.name.unicodeScalars.prefix(40).map { $0.value < 0x20 ? " " : Character($0) }
        return SnippetFlaw(directive.line, "\"\(String(name))\" \(why)")
    }

    private static func one(_ directive: NginxDirective) throws(SnippetFlaw) -> String {
        guard directive.values.count == 1, let value = directive.values.first, !value.contains("$"),
            value.utf8.allSatisfy({ $0 > 0x1F && $0 < 0x7F }), !value.isEmpty
        else { throw SnippetFlaw(directive.line, "\"\(directive.name)\" wants one plain value") }
        return value
    }

    private func template(
        _ text: String, _ directive: NginxDirective, _ groups: [String: NginxTemplate] = [:]
    ) throws(SnippetFlaw) -> NginxTemplate {
        let known = variables.merging(groups) { $1 }
        guard let template = NginxTemplate(text, knowing: known) else {
            throw unknown(directive, "has a variable that is not known here, or a line end")
        }
        return template
    }

    // MARK: - Answers

    private mutating func takeCondition(_ directive: NginxDirective) throws(SnippetFlaw) {
        let condition = try SnippetCondition(
            directive.values, line: directive.line, knowing: variables)
        guard let block = directive.block, block.count == 1, let inner = block.first else {
            throw unknown(directive, "is known with one return or rewrite in it")
        }
        guard ["return", "rewrite"].contains(inner.name), inner.block == nil else {
            throw SnippetFlaw(inner.line, "\"\(inner.name)\" is not known within if")
        }
        try takeAnswer(inner, when: condition.terms, condition.groups)
    }

    private mutating func takeAnswer(
        _ directive: NginxDirective, when terms: [RuleCondition.Term], _ groups: [String: NginxTemplate]
    ) throws(SnippetFlaw) {
        guard snippet.rewrite == nil else { throw unknown(directive, "stands behind a rewrite with break") }
        if directive.name == "rewrite" { return try takeRewrite(directive, when: terms) }
        let content = try answer(directive, groups)
        snippet.answers.append(
            Snippet.Answer(content: content, condition: terms.isEmpty ? nil : RuleCondition([terms])))
    }

    /// `return CODE`, `return CODE TEXT`, `return CODE URL`, `return URL`.
    private func answer(
        _ directive: NginxDirective, _ groups: [String: NginxTemplate]
    ) throws(SnippetFlaw) -> Snippet.Content {
        let values = Array(directive.values)
        guard let first = values.first, values.count <= 2 else { throw unknown(directive, "has no status") }
        guard let status = SettingText.number(first) else {
            guard values.count == 1, SnippetReader.isURL(first) else {
                throw unknown(directive, "has no status")
            }
            return .location(302, try template(first, directive, groups))
        }
        let text = values.count == 2 ? values[1] : nil
        switch status {
        case 444 where text == nil: return .nothing
        case 301, 302, 303, 307, 308:
            guard let text, SnippetReader.isURL(text) || text.hasPrefix("/") || text.hasPrefix("$") else {
                throw unknown(directive, "sends nobody anywhere")
            }
            let whole = text.hasPrefix("/") ? "$scheme://$host\(text)" : text
            return .location(UInt16(status), try template(whole, directive, groups))
        case 400...599 where text == nil: return .page(UInt16(status))
        case 200...299, 400...599:
            let type = status == 204 ? "" : self.type
            return .text(UInt16(status), try template(text ?? "", directive, groups), type: type)
        default: throw unknown(directive, "has a status that is not known here")
        }
    }

    private static func isURL(_ text: String) -> Bool {
        ["http://", "https://", "$scheme:"].contains { text.hasPrefix($0) }
    }

    /// `rewrite EXPRESSION REPLACEMENT FLAG`: to another place, or of the path that servers see.
    private mutating func takeRewrite(
        _ directive: NginxDirective, when terms: [RuleCondition.Term]
    ) throws(SnippetFlaw) {
        let values = Array(directive.values)
        guard (2...3).contains(values.count), let pattern = SnippetPattern(values[0]),
            let uri = SnippetCondition.uri
        else { throw unknown(directive, "has no expression that is known here") }
        let (target, flag) = (values[1], values.count == 3 ? values[2] : "")
        if SnippetReader.isURL(target) || flag == "redirect" || flag == "permanent" {
            let content = Snippet.Content.location(
                flag == "permanent" ? 301 : 302,
                try location(target, pattern.groups(of: uri), directive))
            let matches = RuleCondition.Term([SampleTest(uri, .regex([pattern.text], ignoresCase: false))])
            snippet.answers.append(
                Snippet.Answer(content: content, condition: RuleCondition([terms + [matches]])))
            return
        }
        guard flag == "break", terms.isEmpty else {
            throw unknown(directive, "is known with redirect, permanent or, outside of if, break")
        }
        guard let replacement = SettingForm<String>.rewriteTarget.read(target), !target.contains("?"),
            target.hasPrefix("/") || target.hasPrefix("$")
        else { throw unknown(directive, "has a replacement that is not known here") }
        snippet.rewrite = PathChanges.Line(pattern: pattern.text, replacement: replacement)
    }

    /// The query is kept behind what is said, unless a `?` ends that.
    private func location(
        _ target: String, _ groups: [String: NginxTemplate], _ directive: NginxDirective
    ) throws(SnippetFlaw) -> NginxTemplate {
        let whole =
            target.hasPrefix("/") || target.hasPrefix("$") && !SnippetReader.isURL(target)
            ? "$scheme://$host\(target)" : target
        if whole.hasSuffix("?") { return try template(String(whole.dropLast()), directive, groups) }
        let (empty, sign) = whole.contains("?") ? ("^[^?]*(?:\\?)?$", "&") : ("^[^?]*\\??$", "?")
        let query = try? Expression(
            .ofRequest(.pathAndQuery),
            [
                .regexReplace(RegexReplacement(empty, by: [])),
                .regexReplace(RegexReplacement("^[^?]*\\?", by: Array(sign.utf8))),
            ])
        var known = groups
        if let query { known["sluice_query"] = NginxTemplate(query) }
        return try template("\(whole)${sluice_query}", directive, known)
    }

    private mutating func takeVariable(_ directive: NginxDirective) throws(SnippetFlaw) {
        let values = Array(directive.values)
        guard values.count == 2, values[0].hasPrefix("$"),
            let first = values[0].dropFirst().first, !first.isNumber,
            values[0].dropFirst().utf8.allSatisfy({
                ($0 | 0x20) &- UInt8(ascii: "a") < 26 || $0 &- UInt8(ascii: "0") < 10
                    || $0 == UInt8(ascii: "_")
            }), NginxTemplate(values[0]) == nil
        else { throw unknown(directive, "sets no variable of its own") }
        variables[String(values[0].dropFirst())] = try template(values[1], directive)
    }

    // MARK: - Access

    private static func access(_ directive: NginxDirective) throws(SnippetFlaw) -> Snippet.AccessLine {
        let value = try one(directive)
        guard value == "all" || SettingText.isNetwork(value) else {
            throw SnippetFlaw(directive.line, "\"\(value)\" is no address and no network")
        }
        return Snippet.AccessLine(isAllowed: directive.name == "allow", network: value == "all" ? nil : value)
    }

    private mutating func takeMethods(_ directive: NginxDirective) throws(SnippetFlaw) {
        var methods = directive.values.map { $0.uppercased() }
        let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"]
        guard snippet.access.isEmpty, !methods.isEmpty, methods.allSatisfy(known.contains),
            let block = directive.block
        else {
            throw unknown(directive, "names no methods that are known here")
        }
        if methods.contains("GET"), !methods.contains("HEAD") { methods.append("HEAD") }
        for inner in block {
            guard ["allow", "deny"].contains(inner.name), inner.block == nil else {
                throw SnippetFlaw(inner.line, "\"\(inner.name)\" is not known within limit_except")
            }
            var line = try SnippetReader.access(inner)
            line.spared = methods.sorted()
            snippet.access.append(line)
        }
    }
}

// MARK: - Fields and settings

extension SnippetReader {
    private func name(_ text: String, _ directive: NginxDirective) throws(SnippetFlaw) -> String {
        guard let name = SettingForm<String>.fieldName.read(text),
            !SettingText.framingFields.contains(name.lowercased())
        else { throw unknown(directive, "names no field that may be changed") }
        return name
    }

    /// What servers are told anyway, and how: other values for these are not taken.
    private static let told: [String: [String]] = [
        "upgrade": ["$http_upgrade"],
        "connection": ["upgrade", "$connection_upgrade", "$http_connection", ""],
        "host": ["$host", "$http_host", "$best_http_host"],
        "x-real-ip": ["$remote_addr", "$the_real_ip"], "x-forwarded-for": ["$remote_addr", "$the_real_ip"],
        "x-forwarded-host": ["$host", "$http_host", "$best_http_host"],
        "x-forwarded-proto": ["$scheme", "$pass_access_scheme"],
        "x-forwarded-scheme": ["$scheme", "$pass_access_scheme"],
        "x-scheme": ["$scheme", "$pass_access_scheme"],
        "x-forwarded-port": ["$server_port", "$pass_port", "$pass_server_port"],
        "x-request-id": ["$req_id", "$request_id"], "x-original-forwarded-for": ["$http_x_forwarded_for"],
        "x-original-forwarded-host": ["$http_x_forwarded_host"],
    ]

    private mutating func takeAsked(_ directive: NginxDirective) throws(SnippetFlaw) {
        let values = Array(directive.values)
        guard values.count == 2 else { throw unknown(directive, "wants a name and a value") }
        try ask(values[0], values[1], directive)
    }

    private mutating func ask(_ field: String, _ value: String, _ directive: NginxDirective)
        throws(SnippetFlaw)
    {
        let lower = field.lowercased()
        if let same = SnippetReader.told[lower] {
            if same.contains(lower == "connection" ? value.lowercased() : value) { return }
            guard lower == "host", !value.isEmpty else {
                throw unknown(directive, "says otherwise what servers are told of \(lower)")
            }
        }
        let name = lower == "host" ? lower : try name(field, directive)
        let change: Snippet.Field.Change = value.isEmpty ? .remove : .set(try template(value, directive))
        snippet.asked.append(Snippet.Field(name: name, change: change))
    }

    /// `add_header NAME VALUE [always]`: what is empty is not added.
    private mutating func takeAdded(_ directive: NginxDirective) throws(SnippetFlaw) {
        let values = Array(directive.values)
        guard (2...3).contains(values.count), values.count == 2 || values[2] == "always" else {
            throw unknown(directive, "wants a name, a value and perhaps always")
        }
        let name = try name(values[0], directive)
        guard !values[1].isEmpty else { return }
        let text = try template(values[1], directive)
        snippet.answered.append(Snippet.Field(name: name, change: .add(text, always: values.count == 3)))
    }

    /// The directives of headers-more: `NAME: VALUE`, and without a value the name is cleared.
    private mutating func takeMore(_ directive: NginxDirective) throws(SnippetFlaw) {
        let clears = directive.name.hasPrefix("more_clear")
        let isOfRequests = directive.name.hasSuffix("input_headers")
        guard !directive.values.isEmpty else { throw unknown(directive, "names no field") }
        for word in directive.values {
            guard !word.hasPrefix("-") else { throw unknown(directive, "is known without options") }
            let colon = clears ? nil : word.firstIndex(of: ":")
            let field = SettingText.trimmed(String(colon.map { word[..<$0] } ?? word[...]))
            let value = colon.map { SettingText.trimmed(String(word[word.index(after: $0)...])) } ?? ""
            if isOfRequests {
                guard field.lowercased() != "host" || !value.isEmpty else {
                    throw unknown(directive, "clears Host")
                }
                try ask(field, value, directive)
                continue
            }
            let isFront = clears && field.hasSuffix("*")
            let name = try name(isFront ? String(field.dropLast()) : field, directive)
            let change: Snippet.Field.Change =
                isFront ? .removeAll : value.isEmpty ? .remove : .set(try template(value, directive))
            snippet.answered.append(Snippet.Field(name: name, change: change))
        }
    }

    /// Directives that an annotation stands for, by their names.
    static let settings: [String: String] = [
        "proxy_connect_timeout": "proxy-connect-timeout", "proxy_read_timeout": "proxy-read-timeout",
        "proxy_send_timeout": "proxy-send-timeout", "client_max_body_size": "proxy-body-size",
        "proxy_next_upstream": "proxy-next-upstream",
        "proxy_next_upstream_tries": "proxy-next-upstream-tries",
        "proxy_next_upstream_timeout": "proxy-next-upstream-timeout", "proxy_buffering": "proxy-buffering",
        "proxy_request_buffering": "proxy-request-buffering", "proxy_buffer_size": "proxy-buffer-size",
        "proxy_http_version": "proxy-http-version", "proxy_cookie_path": "proxy-cookie-path",
        "proxy_cookie_domain": "proxy-cookie-domain",
    ]

    private mutating func takeSetting(_ directive: NginxDirective) throws(SnippetFlaw) {
        let values = Array(directive.values)
        func set(_ annotation: String, _ value: String) {
            snippet.settings.append(
                Snippet.Setting(annotation: annotation, value: value, line: directive.line))
        }
        if directive.name == "access_log", values == ["off"] { return set("enable-access-log", "false") }
        if directive.name == "proxy_redirect" {
            if values == ["off"] || values == ["default"] { return }
            guard values.count == 2 else { throw unknown(directive, "wants two texts") }
            set("proxy-redirect-from", values[0])
            return set("proxy-redirect-to", values[1])
        }
        guard let annotation = SnippetReader.settings[directive.name], !values.isEmpty,
            !values.contains(where: { $0.contains("$") })
        else { throw unknown(directive) }
        set(annotation, values.joined(separator: " "))
    }
}
