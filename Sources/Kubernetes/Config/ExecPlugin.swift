import Basics

/// A program that hands out credentials: the `exec` of a kubeconfig user.
struct ExecPlugin: Sendable, Equatable {
    /// `client.authentication.k8s.io/v1` or `…/v1beta1`.
    var apiVersion: String
    /// A bare name is looked for on PATH; a relative path has been made absolute.
    var command: String
    var arguments: [String] = []
    /// Added to our own environment.
    var environment: [EnvironmentValue] = []
    var interactiveMode = InteractiveMode.ifAvailable
    /// What a person can do when the program is missing, without control characters.
    var installHint = ""
    /// `spec.cluster`, when the plugin asks for it.
    var cluster: ClusterInfo?

    static let supportedVersions = [
        "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1",
    ]

    struct EnvironmentValue: Sendable, Equatable {
        var name: String
        var value: String
    }

    enum InteractiveMode: String, Sendable, Equatable {
        case never = "Never"
        case ifAvailable = "IfAvailable"
        case always = "Always"
    }

    /// The value of KUBERNETES_EXEC_INFO. We never lend the plugin our standard input.
    var request: String {
        var writer = JSONWriter()
        writer.object {
            $0.field("apiVersion", apiVersion)
            $0.field("kind", "ExecCredential")
            $0.field("spec") { spec in
                spec.object {
                    if let cluster { $0.field("cluster") { cluster.write(to: &$0) } }
                    $0.field("interactive", false)
                }
            }
        }
        return writer.text
    }

    /// What a plugin is told about the cluster.
    struct ClusterInfo: Sendable, Equatable {
        var server: String
        var serverName = ""
        var isInsecure = false
        /// PEM.
        var authorities: [UInt8] = []
        var proxy = ""

        fileprivate func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("server", server)
                if !serverName.isEmpty { $0.field("tls-server-name", serverName) }
                if isInsecure { $0.field("insecure-skip-tls-verify", true) }
                if !authorities.isEmpty {
                    $0.field("certificate-authority-data", Base64.encode(authorities))
                }
                if !proxy.isEmpty { $0.field("proxy-url", proxy) }
                $0.field("config") { $0.null() }
            }
        }
    }
}

/// What a plugin answered.
struct ExecCredential: Sendable, Equatable {
    var token: Confidential?
    /// PEM; empty when there is none.
    var certificate: [UInt8] = []
    var key: [UInt8] = []
    /// Seconds since 1970; nil is good until a 401.
    var expiration: Int64?

    func isValid(at seconds: Int64) -> Bool {
        guard let expiration else { return true }
        return seconds < expiration
    }
}
