/// What `sluice` can be asked to do: the first word of its command line.
enum Subcommand: String, Sendable, CaseIterable {
    case controller, dev, proxy, check, translate, explain, migrate, top, admin, completion, version

    /// One sentence for `--help`.
    var summary: String {
        switch self {
        case .controller: "Run the ingress controller against a Kubernetes API."
        case .dev: "Serve folders of manifests without a cluster, hot-swapping them as they change."
        case .proxy: "Run or check an haproxy.cfg."
        case .check:
            "Print the diagnostics of manifests or of an haproxy.cfg, file:line each; exit 1 if one is an error."
        case .translate: "Print what manifests become."
        case .explain:
            "Print what would become of a request by manifests, step by step, and why others would not serve it."
        case .migrate:
            "Report what of ingress-nginx's objects is kept, or in what two proxies' answers differ."
        case .top: "Show what a running instance does: a table that follows it."
        case .admin: "Send a runtime API command to a running instance."
        case .completion: "Print what a shell needs to complete these words."
        case .version: "Print the version, the commit and the versions of the libraries."
        }
    }

    /// How the words that are not flags are called in the usage line; nil where there are none.
    var operands: String? {
        switch self {
        case .dev: "[DIR...]"
        case .check, .translate: "PATH..."
        case .explain: "HOST/PATH PATH..."
        case .migrate: "[PATH|-]..."
        case .completion: CompletionScript.shells.joined(separator: "|")
        case .admin: "COMMAND..."
        case .controller, .proxy, .top, .version: nil
        }
    }
}
