/// Who we are to an API server: what a kubeconfig user holds.
struct Identity: Sendable, Equatable, CustomStringConvertible {
    var certificate: PEMSource?
    var key: PEMSource?
    var token: Confidential?
    /// Read again and again; wins over `token` once it could be read.
    var tokenFile = ""
    var username = ""
    var password: Confidential?
    var plugin: ExecPlugin?
    /// `Impersonate-…` header lines.
    var impersonation: [String] = []

    /// The kinds of credentials, never one of them.
    var description: String {
        var kinds = [String]()
        if certificate != nil { kinds.append("client certificate") }
        if token != nil { kinds.append("token") }
        if !tokenFile.isEmpty { kinds.append("token file") }
        if !username.isEmpty { kinds.append("user name and password") }
        if let plugin { kinds.append("plugin \(plugin.command)") }
        return kinds.isEmpty ? "no credentials" : kinds.joined(separator: ", ")
    }
}

/// A text that must not be shown: printing it shows a placeholder.
struct Confidential: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    let value: String

    init(_ value: String) {
        self.value = value
    }

    var description: String { "(confidential)" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Where PEM text is.
enum PEMSource: Sendable, Equatable, CustomStringConvertible {
    case bytes([UInt8])
    case file(String)

    /// The path, or that it is inline.
    var description: String {
        switch self {
        case .bytes: "inline"
        case .file(let path): path
        }
    }
}

/// What goes with one request.
struct Authorization: Sendable, Equatable {
    /// Header lines.
    var headers: [String] = []
    /// PEM; empty when there is none.
    var certificate: [UInt8] = []
    var key: [UInt8] = []
    /// Which reading of the credentials this is: a 401 rejects no later one.
    var generation = 0
}
