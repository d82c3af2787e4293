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
    /// Whether what the ConfigMap says for all holds where an Ingress asks nobody.
    var takesGlobal = true

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
        if !signIn.isEmpty { asked.signIn = ExternalAuthentication.format(whereToSignIn, names) }
        return asked
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
        return written
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
