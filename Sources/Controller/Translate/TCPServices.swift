import Kubernetes
import Model

/// The entries of the ConfigMap of TCP services: read once whenever it changes.
struct TCPServices: Equatable {
    /// By port, ascending.
    private(set) var entries: [TCPServiceEntry] = []
    /// What is wrong with the ConfigMap itself.
    private(set) var problems: [Diagnostic] = []
    private let key: ObjectKey

    /// Nothing.
    init() { key = ObjectKey(namespace: "", name: "") }

    /// The Services that are named, existing or not.
    var services: Set<ObjectKey> { Set(entries.map(\.service)) }

    /// Without an object there are no entries.
    init(_ object: ConfigMap?, key: ObjectKey, reservedPorts: Set<UInt16>) {
        self.key = key
        if object == nil {
            problems.append(
                Diagnostic(
                    .warning, kind: ConfigMap.resource.kind, object: Origin(key), reason: "ConfigMapNotFound",
                    message: "the ConfigMap of TCP services does not exist; it opens no ports until it does"))
        }
        for (name, value) in (object?.data ?? [:]).sorted(by: { $0.key < $1.key }) {
            do throws(TCPServiceEntry.Problem) {
                let (entry, problem) = try TCPServiceEntry.read(name, value)
                if let problem { problems.append(diagnostic(problem, name)) }
                guard isFree(entry.port, name, reservedPorts) else { continue }
                entries.append(entry)
            } catch {
                problems.append(diagnostic(error, name))
            }
        }
        entries.sort { $0.port < $1.port }
    }

    private mutating func isFree(_ port: UInt16, _ name: String, _ reserved: Set<UInt16>) -> Bool {
        let isTaken = entries.contains { $0.port == port }
        guard isTaken || reserved.contains(port) else { return true }
        problems.append(
            Diagnostic(
                .error, kind: ConfigMap.resource.kind, object: Origin(key), field: field(name),
                reason: isTaken ? "PortTwice" : "PortReserved",
                message: isTaken
                    ? "port \(port) has another entry already; this one is left out"
                    : "port \(port) is one that this process listens on itself; the entry is left out"))
        return false
    }

    /// The listening side of each entry whose Service and port exist, and what is wrong with the others.
    func frontends(
        _ resolution: ServiceResolution, bindAddress: String?
    ) -> (frontends: [Frontend], problems: [Diagnostic]) {
        var frontends: [Frontend] = []
        var found = problems
        for entry in entries {
            switch resolution.resolve(entry.service, entry.servicePort) {
            case .backend(let name, _, let port):
                frontends.append(frontend(of: entry, to: entry.backend(name, port), bindAddress))
            case .failed(let reason, let message):
                // There is nobody to answer 503 to.
                let text = message.replacingAnswer(with: "port \(entry.port) is closed until it does")
                found.append(
                    diagnostic(.init(severity: .error, reason: reason, message: text), "\(entry.port)"))
            }
        }
        return (frontends, found)
    }

    /// The ports of a Service that entries refer to, by the names of their backends.
    func backends(of service: ObjectKey, _ resolution: ServiceResolution) -> [BackendName: Service.Port] {
        var ports: [BackendName: Service.Port] = [:]
        for entry in entries where entry.service == service {
            guard case .backend(let name, _, let port) = resolution.resolve(service, entry.servicePort) else {
                continue
            }
            ports[entry.backend(name, port)] = port
        }
        return ports
    }

    private func frontend(of entry: TCPServiceEntry, to backend: BackendName, _ address: String?) -> Frontend
    {
        var bind = Bind(address: address, port: entry.port)
        if entry.acceptsProxyHeaders { bind.proxyProtocol = .everyone }
        var frontend = Frontend(name: "tcp-\(entry.port)", binds: [bind])
        frontend.mode = .tcp
        frontend.fallback = .backend(backend)
        frontend.subject = Subject(
            kind: ConfigMap.resource.kind, object: Origin(key), field: field("\(entry.port)"))
        return frontend
    }

    private func field(_ name: String) -> String { "data.\(name)" }

    private func diagnostic(_ problem: TCPServiceEntry.Problem, _ name: String) -> Diagnostic {
        Diagnostic(
            problem.severity, kind: ConfigMap.resource.kind, object: Origin(key), field: field(name),
            reason: problem.reason, message: problem.message)
    }
}

extension TCPServiceEntry {
    /// The backend of a Service's port. Servers that are sent PROXY headers are others than those that Ingresses send requests
    /// to, and so are those with whom Ingresses speak TLS: the bytes of a session are passed on as they are.
    fileprivate func backend(_ name: BackendName, _ port: Service.Port) -> BackendName {
        if sendsProxyHeaders { return BackendName("\(name)\(BackendName.proxySuffix)") }
        return port.speaksTLS ? BackendName("\(name)\(BackendName.tcpSuffix)") : name
    }
}

extension BackendName {
    fileprivate static let proxySuffix = ":PROXY"
    fileprivate static let tcpSuffix = ":TCP"

    /// The port of this name as sessions use it: nothing is said to its servers but what clients say.
    init(ofSessionsTo name: BackendName) { self.init("\(name)\(BackendName.tcpSuffix)") }

    /// Whether its servers are sent PROXY headers.
    var sendsProxyHeaders: Bool { description.hasSuffix(BackendName.proxySuffix) }
    /// Whether nothing but sessions goes there.
    var isOfTCP: Bool { sendsProxyHeaders || description.hasSuffix(BackendName.tcpSuffix) }

    /// `namespace/service:port`.
    var withoutSuffix: Substring {
        guard isOfTCP || isAsked else { return withoutIngress }
        return description[..<(description.lastIndex(of: ":") ?? description.endIndex)]
    }
}

extension String {
    /// The sentence without what it says about requests.
    func replacingAnswer(with text: String) -> String {
        let end = "; answered 503 until it does"
        return hasSuffix(end) ? "\(dropLast(end.count)); \(text)" : "\(self); \(text)"
    }
}
