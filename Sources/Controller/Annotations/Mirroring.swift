import Model

/// Copies of requests for somebody else: nginx's `mirror`.
struct Mirroring: Sendable, Equatable {
    /// Where they go; nil is nowhere.
    var target: ExternalAuthentication.Question?
    /// Their host; nil is the target's.
    var host: NginxTemplate?
    var includesBody = true

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("mirror-target"), .own("mirror-target"), form: .mirrorTarget, fallback: "",
                "Each request that may come in is also sent to this URL, and the answer thrown away; the request does not wait for it, and fails for nothing of it. A host `NAME.NAMESPACE.svc…` is that Service, any other is resolved. Without anything behind the host the copy has the request's own path and query."
            ) { $0.mirroring.target = $1 },
            phase: .proxying, risk: .high,
            differs:
                "the host is no variable; the copy has the fields that servers are told; 64 copies at a time and worker, beyond that requests are not copied (`sluice_mirrored_requests_total`)"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("mirror-request-body"), .own("mirror-request-body"),
                form: .onOff, fallback: "on",
                "Whether copies have bodies."
            ) { $0.mirroring.includesBody = $1 },
            phase: .proxying,
            differs:
                "requests with bodies of more than 256 KiB are not copied; the copy is sent when the body is whole"
        ),
        AnnotationRow(
            SettingRow(
                .nginx("mirror-host"), .own("mirror-host"), form: .nginxTemplate,
                fallback: "the target's", "The copy's `Host`."
            ) { $0.mirroring.host = $1 },
            phase: .proxying, risk: .high),
    ]

    /// What is sent of a path's requests; nil is nothing.
    func mirror(_ names: TemplateNames, hidesPasswords: Bool) -> RequestMirror? {
        guard let target, let backend = target.url.backend else { return nil }
        let host = self.host ?? NginxTemplate(target.url.hostName)
        var mirror = RequestMirror(
            to: backend, host: host?.format(names) ?? FormatString([]), path: target.path.format(names))
        mirror.includesBody = includesBody
        mirror.hidesPasswords = hidesPasswords
        return mirror
    }
}

extension SettingForm where Value == ExternalAuthentication.Question {
    /// A URL that copies of requests are sent to.
    static var mirrorTarget: SettingForm {
        SettingForm(
            type: "URL",
            expectation:
                "a URL that begins with http:// or https://, with a host that is no variable, and known variables behind it"
        ) { text, _ in
            guard let url = QuestionURL(text), url.host != .own,
                let path = NginxTemplate(url.saysPath ? url.path : "$request_uri")
            else { return nil }
            return ExternalAuthentication.Question(url: url, path: path)
        }
    }
}
