import Model

/// Whether and how requests are traced: what an Ingress says of its own, or the ConfigMap of all. What is not said is nil.
struct RequestTraces: Sendable, Equatable {
    var isOn: Bool?
    /// Whether clients' own traces are continued.
    var trustsClients: Bool?
    /// What spans are called.
    var name: NginxTemplate?

    /// What it says, and else what holds for all. As with ingress-nginx the rest counts only beside a word that switches traces on.
    func over(_ usual: RequestTraces) -> RequestTraces {
        guard let isOn else { return usual }
        guard isOn else { return RequestTraces(isOn: false) }
        return RequestTraces(
            isOn: true, trustsClients: trustsClients ?? usual.trustsClients, name: name ?? usual.name)
    }

    /// How the requests of a path are traced; nil is not at all.
    func tracing(path: String, _ names: TemplateNames) -> RouteTracing? {
        guard isOn == true else { return nil }
        var tracing = RouteTracing(path: path)
        tracing.trustsClient = trustsClients ?? true
        tracing.name = name?.format(names)
        return tracing
    }
}

/// Which traces are recorded, and who gets the spans.
struct TraceCollection: Sendable, Equatable {
    /// Where they go, as a URL.
    var url: String?
    /// The same as ingress-nginx says it.
    var host: String?
    var port: Int?
    var serviceName = "sluice"
    var sampler = Sampler.always
    /// Of the sampler that needs one.
    var ratio = 0.01
    var followsParent = true
    var batching = SpanBatching()

    enum Sampler: Sendable {
        case always
        case never
        case ratio
    }

    /// The same as the engine takes it.
    var model: Tracing {
        var tracing = Tracing()
        tracing.collector = url ?? host.map { TraceCollection.url(host: $0, port: port) }
        tracing.serviceName = serviceName
        tracing.sampler =
            switch sampler {
            case .always: .always
            case .never: .never
            case .ratio: .ratio(ratio)
            }
        (tracing.followsParent, tracing.batching) = (followsParent, batching)
        return tracing
    }

    /// OTLP over HTTP has a port of its own: the one that ingress-nginx means is that of gRPC, beside which collectors listen to this.
    private static func url(host: String, port: Int?) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "http://\(name):\(port == nil || port == 4_317 ? 4_318 : port ?? 0)/v1/traces"
    }
}

extension SettingForm where Value == String {
    /// Where a collector of traces listens to OTLP over HTTP.
    static var collector: SettingForm {
        SettingForm(
            type: "URL", expectation: "a URL such as http://collector.tracing.svc:4318, without variables"
        ) { text, _ in
            guard let url = QuestionURL(text), case .named = url.host, !text.contains("$"),
                !text.contains("@")
            else { return nil }
            return url.path == "/" ? text.trimming("/") + "/v1/traces" : text
        }
    }

    /// A name or an address, without a port.
    static var hostName: SettingForm {
        SettingForm(type: "host", expectation: "a host's name or address, without scheme and port") {
            text, _ in
            let authority = text.contains(":") ? "[\(text)]" : text
            guard case .named(_, _, isToldPort: false)? = QuestionURL("http://\(authority)")?.host,
                QuestionURL("http://\(authority)")?.saysPath == false
            else { return nil }
            return text
        }
    }
}

extension SettingForm where Value == Double {
    /// A part of the whole.
    static var ratio: SettingForm {
        SettingForm(type: "ratio", expectation: "a number from 0 to 1, such as 0.05") { text, _ in
            let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
            return isPlain ? Double(text).flatMap { (0...1).contains($0) ? $0 : nil } : nil
        }
    }
}

extension String {
    /// Without this character at its end.
    fileprivate func trimming(_ character: Character) -> String {
        hasSuffix(String(character)) ? String(dropLast()) : self
    }
}
