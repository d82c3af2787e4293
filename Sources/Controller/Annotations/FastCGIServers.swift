import Kubernetes
import Model

/// What servers that speak FastCGI are told.
struct FastCGIServers: Sendable, Equatable {
    var index = ""
    var keepsConnections = false
    /// The ConfigMap of further parameters.
    var source: ObjectReference?

    static let sourceName = "fastcgi-params-configmap"
    private static let most = 64

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("fastcgi-index"), .own("fastcgi-index"), form: .fileName, fallback: "",
                "With `backend-protocol: FCGI`, the script of a path that ends with `/`."
            ) { $0.fastCGI.index = $1 },
            scope: .backend, phase: .proxying),
        AnnotationRow(
            SettingRow(
                .nginx(sourceName), .own(sourceName), form: .object, fallback: "",
                "With `backend-protocol: FCGI`, a ConfigMap of the same namespace whose keys are the names of parameters that servers are told, with values in which variables may stand; they take the place of those of nginx's `fastcgi_params`. With one that is missing or holds a value that can not be, paths are answered 503."
            ) { $0.fastCGI.source = $1 },
            scope: .backend, phase: .proxying, risk: .medium,
            differs:
                "SCRIPT_FILENAME is told without being said: DOCUMENT_ROOT and SCRIPT_NAME; HTTP_PROXY closes the paths, and so does a variable that is not known"
        ),
        AnnotationRow(
            SettingRow(
                .own("fastcgi-keep-connections"), form: .bool, fallback: "false",
                "With `backend-protocol: FCGI`, whether connections to servers are kept for other requests: nginx's `fastcgi_keep_conn`. A process of php-fpm serves nobody else meanwhile; there must be more of them than all workers keep."
            ) { $0.fastCGI.keepsConnections = $1 },
            scope: .backend, phase: .proxying),
    ]

    /// What the servers of an Ingress are told. `configMaps` are all there are.
    func settings(
        of ingress: Ingress, _ configMaps: [ObjectKey: ConfigMap]
    ) throws(AnnotationFlaw) -> FastCGI {
        var settings = FastCGI()
        (settings.index, settings.keepsConnections) = (index, keepsConnections)
        guard let source else { return settings }
        guard let key = source.key(in: ingress.meta.namespace) else {
            throw AnnotationFlaw(
                FastCGIServers.sourceName, "ConfigMapRefused", "the ConfigMap is in another namespace")
        }
        guard let data = configMaps[key]?.data else {
            throw AnnotationFlaw(
                FastCGIServers.sourceName, "ConfigMapNotFound",
                "ConfigMap \(key) does not exist, or is of a namespace that is not read")
        }
        var names = TemplateNames()
        (names.namespace, names.ingress) = (ingress.meta.namespace, ingress.meta.name)
        var parameters: [FastCGI.Parameter] = []
        for (name, value) in data.sorted(by: { $0.key < $1.key }) {
            if let message = FastCGIServers.flaw(ofName: name, parameters.count) {
                throw FastCGIServers.flaw(key, name, message)
            }
            guard let template = FastCGITemplate(SettingText.trimmed(value)) else {
                throw FastCGIServers.flaw(
                    key, name,
                    "its value is no text of a line of 4,096 bytes at most, or has a variable that is not known"
                )
            }
            parameters.append(FastCGI.Parameter(name, template.pieces(names)))
        }
        settings.set(parameters)
        return settings
    }

    private static func flaw(ofName name: String, _ before: Int) -> String? {
        if before == most { return "there are more than \(most) parameters" }
        if name.uppercased() == "HTTP_PROXY" { return "servers would send their own requests there" }
        return name.utf8.count > 127 ? "the name is longer than 127 bytes" : nil
    }

    private static func flaw(_ key: ObjectKey, _ name: String, _ message: String) -> AnnotationFlaw {
        AnnotationFlaw(sourceName, "ParameterInvalid", "\"\(name)\" of ConfigMap \(key): \(message)")
    }

    /// Servers that speak FastCGI are asked by a connection: they would not understand another question.
    static func adapt(_ backend: inout Backend) {
        for i in backend.servers.indices where backend.servers[i].check?.probe != nil {
            backend.servers[i].check?.probe = .connect
        }
    }
}

extension SettingForm where Value == String {
    /// The name of one file.
    static var fileName: SettingForm {
        SettingForm(type: "file name", expectation: "letters, digits, `.`, `-` and `_`") { text, _ in
            let isPlain = text.utf8.allSatisfy { byte in
                (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || ".-_".utf8.contains(byte)
            }
            return isPlain && !text.isEmpty && text.utf8.count <= 255 ? text : nil
        }
    }
}
