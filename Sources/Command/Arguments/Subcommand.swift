/// What `sluice` can be asked to do: the first word of its command line.
enum Subcommand: String, Sendable, CaseIterable {
    case controller, dev, proxy, check, translate, migrate, admin, version

    /// One sentence for `--help`.
    var summary: String {
        switch self {
        case .controller: "Run the ingress controller against a Kubernetes API."
        case .dev: "Serve folders of manifests without a cluster, hot-swapping them as they change."
        case .proxy: "Run or check an haproxy.cfg."
        case .check:
            "Print the diagnostics of manifests or of an haproxy.cfg, file:line each; exit 1 if one is an error."
        case .translate: "Print what manifests become."
        case .migrate: "Report what of an ingress-nginx installation is honoured, differs or is refused."
        case .admin: "Send a runtime API command to a running instance."
        case .version: "Print the version, the commit and the versions of the libraries."
        }
    }

    /// How the words that are not flags are called in the usage line; nil where there are none.
    var operands: String? {
        switch self {
        case .dev: "[DIR...]"
        case .check, .translate: "PATH..."
        case .controller, .proxy, .migrate, .admin, .version: nil
        }
    }

    /// Whether this build can do it. The others are part of the contract and say in one line that they are missing.
    var isAvailable: Bool {
        switch self {
        case .controller, .dev, .proxy, .check, .translate, .version: true
        case .migrate, .admin: false
        }
    }
}
