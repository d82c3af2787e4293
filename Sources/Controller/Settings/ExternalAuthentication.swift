import Model

/// Asking somebody else whether requests may come in: nginx's `auth_request`.
struct ExternalAuthentication: Sendable, Equatable {
    var question: Question?
    /// nil is `GET`, and two fields less.
    var method: String?
    /// Empty is nowhere.
    var signIn = ""
    /// The parameter of `signIn` that says where clients came from.
    var parameter = "rd"
    var taken: [String] = []
    var told: NginxTemplate?
    var setsCookiesOfErrors = false
    /// The ConfigMap of more fields, for what the ConfigMap of settings says.
    var source: ObjectReference?
    /// These fields.
    var added = FieldMap()
    /// Whether what the ConfigMap says for all holds where an Ingress asks nobody.
    var takesGlobal = true

    /// For whom answers are kept; nil is not at all.
    var cacheKey: NginxTemplate?
    /// In milliseconds, by status.
    var cacheLifetimes: [UInt16: Int] = [200: 300_000, 202: 300_000, 401: 300_000]

    /// Where, and what.
    struct Question: Sendable, Equatable {
        var url: QuestionURL
        var path: NginxTemplate
    }

    /// Whether anybody is asked.
    var isOn: Bool { question != nil }

    /// What is asked about the requests of a path; nil is nothing. `needless` says who comes in without.
    func authorization(needless: RuleCondition?, _ names: TemplateNames) -> RequestAuthorization? {
        guard let question else { return nil }
        var asked = RequestAuthorization(
            asking: question.url.backend, host: ExternalAuthentication.format(question.url.hostField, names),
            path: question.path.format(names))
        asked.method = method ?? "GET"
        asked.fields = fields(names)
        asked.taken = taken
        asked.setsCookiesOfErrors = setsCookiesOfErrors
        asked.needless = needless
        asked.keeping = keeping(names)
        if !signIn.isEmpty { asked.signIn = ExternalAuthentication.format(whereToSignIn, names) }
        return asked
    }

    /// As nginx's keys, each path of an Ingress has its own.
    private func keeping(_ names: TemplateNames) -> RequestAuthorization.Keeping? {
        guard let cacheKey else { return nil }
        let place = Array("\(names.namespace)/\(names.ingress) \(names.path)\n".utf8)
        return RequestAuthorization.Keeping(
            FormatString([.text(place)] + cacheKey.format(names).parts), for: cacheLifetimes)
    }

    private func fields(_ names: TemplateNames) -> [RequestAuthorization.Field] {
        var fields = [
            ("X-Original-URL", "$scheme://$http_host$request_uri"), ("X-Original-Method", "$request_method"),
            ("X-Sent-From", "nginx-ingress-controller"),
        ]
        if let method {
            fields += [("X-Original-URI", "$request_uri"), ("X-Scheme", "$pass_access_scheme")]
            // Some servers wait for a body of these methods unless they are told that there is none.
            if ["POST", "PUT", "PATCH"].contains(method) { fields.append(("Content-Length", "0")) }
        }
        var written = fields.map {
            RequestAuthorization.Field($0.0, ExternalAuthentication.format($0.1, names))
        }
        let told = told?.format(names) ?? ExternalAuthentication.format("$request_uri", names)
        written.append(RequestAuthorization.Field("X-Auth-Request-Redirect", told))
        let more = added.fields.map { RequestAuthorization.Field($0.name, $0.value.format(names)) }
        let named = Set(more.map { $0.name.lowercased() })
        return written.filter { !named.contains($0.name.lowercased()) } + more
    }

    /// The URL with what clients came for behind it.
    private var whereToSignIn: String {
        let query = signIn.firstIndex(of: "?").map { signIn[signIn.index(after: $0)...] }
        let known = (query ?? "").split(separator: "&").map { $0.prefix { $0 != "=" } }
        if known.contains(Substring(parameter)) { return signIn }
        return
            "\(signIn)\(query == nil ? "?" : "&")\(parameter)=$pass_access_scheme://$http_host$escaped_request_uri"
    }

    private static func format(_ text: String, _ names: TemplateNames) -> FormatString {
        NginxTemplate(text)?.format(names) ?? FormatString([])
    }
}

extension SettingForm where Value == ExternalAuthentication.Question {
    /// A URL that answers whether requests may go on.
    static var question: SettingForm {
        SettingForm(
            type: "URL",
            expectation:
                "a URL that begins with http:// or https://, with a host that is no variable or $host, and known variables behind it"
        ) { text, _ in
            guard let url = QuestionURL(text), let path = NginxTemplate(url.path) else { return nil }
            return ExternalAuthentication.Question(url: url, path: path)
        }
    }
}

extension SettingForm where Value == String {
    /// The method of a question.
    static var questionMethod: SettingForm {
        .word([
            "GET": "GET", "HEAD": "HEAD", "POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE",
            "OPTIONS": "OPTIONS", "TRACE": "TRACE",
        ])
    }

    /// A location with variables.
    static var signIn: SettingForm {
        SettingForm(
            type: "URL", expectation: "a URL or a path without blanks and quotes, with known variables"
        ) { text, _ in
            let isPlain = text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && !"\"'`\\<>^|".utf8.contains($0)
            }
            let isPlace = ["http://", "https://", "/", "$"].contains { text.lowercased().hasPrefix($0) }
            return isPlain && isPlace && NginxTemplate(text) != nil ? text : nil
        }
    }
}

extension SettingForm where Value == [String] {
    /// Names of fields that a request may get, in lower case.
    static var takenFields: SettingForm {
        SettingForm<String>.fieldName.map { name -> String? in
            let name = name.lowercased()
            return SettingText.framingFields.contains(name) || name == "host" ? nil : name
        }.list(of: "names of fields that do not tell how a message is sent")
    }
}

extension SettingForm where Value == [UInt16: Int] {
    /// nginx's `proxy_cache_valid`, several with a comma between two: `200 202 10m, 401 1m`. A time alone is about 200, 301 and 302.
    static var cacheLifetimes: SettingForm {
        SettingForm(
            type: "statuses and times",
            expectation: "statuses and a time behind them, such as 200 202 10m, 401 1m"
        ) { text, _ in
            var lifetimes: [UInt16: Int] = [:]
            for part in text.split(separator: ",") where part.contains(where: { !$0.isWhitespace }) {
                var words = part.split { $0.isWhitespace }.map(String.init)
                guard let last = words.popLast(), let time = cacheTime(last) else { return nil }
                let statuses = words.map { $0.utf8.count == 3 ? SettingText.number($0) : nil }
                guard !statuses.contains(nil) else { return nil }
                let meant = statuses.isEmpty ? [200, 301, 302] : statuses.compactMap(\.self)
                for status in meant { lifetimes[UInt16(clamping: status)] = time }
            }
            return lifetimes.isEmpty ? nil : lifetimes
        }
    }

    /// A week at most.
    private static func cacheTime(_ text: String) -> Int? {
        // Weeks, months and years.
        if let unit = text.last, "wMy".contains(unit), let number = SettingText.number(text.dropLast()) {
            return number == 0 ? 0 : SettingText.week
        }
        // Three digits are a status, and no time stands behind it.
        guard text.utf8.count != 3 || text.utf8.last.map({ $0 > 0x39 }) == true else { return nil }
        return SettingText.milliseconds(text, .nginx).map { min($0, SettingText.week) }
    }
}
