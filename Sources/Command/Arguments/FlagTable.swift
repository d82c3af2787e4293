/// Every flag there is. Parsing, `--help`, the environment and suggestions are derived from this table.
enum FlagTable {
    /// The rows, in the order `--help` prints them.
    static let flags: [Flag] = input + listening + writing + process + logging + proxy + later

    /// The flags of one subcommand.
    static func flags(of subcommand: Subcommand) -> [Flag] {
        flags.filter { $0.subcommands.contains(subcommand) }
    }

    private static let serving: [Subcommand] = [.controller, .dev]
    private static let translating: [Subcommand] = [.controller, .dev, .check, .translate, .explain]

    // MARK: What is read

    private static let input: [Flag] = [
        Flag(
            "demo", .present, of: [.dev],
            "Serve the built-in example manifests with echo servers in this process."),
        Flag(
            "output", .choice(["json", "cfg"]), of: [.translate], letter: "o", fallback: "json",
            "The form of the result; cfg is the text of an haproxy.cfg, where the ports below are its frontends."
        ),
        Flag(
            "output", .choice(["text", "json", "html"]), of: [.migrate], letter: "o", fallback: "text",
            "The form of the report; html is one page that needs nothing else."),
        Flag(
            "write", .text("DIR"), of: [.migrate],
            "Write suggestions there, a patch for each Ingress that could say the same in other words."),
        Flag(
            "kubeconfig", .text("FILE"), of: [.controller, .migrate],
            "The kubeconfig to use; without it $KUBECONFIG, then the service account of the pod."),
        Flag("context", .text("NAME"), of: [.controller, .migrate], "The context of the kubeconfig to use."),
        Flag(
            "namespace", .text("NS"), of: translating + [.migrate], isRepeatable: true,
            "Read only this namespace; may be repeated. Default: all."),
        Flag(
            "ingress-class", .text("NAME"), of: translating, fallback: "sluice",
            "The class name that marks an Ingress as ours when it names a class that does not exist as an object."
        ),
        Flag(
            "controller-name", .text("NAME"), of: translating, fallback: "ingress.sluice.dev/controller",
            "The spec.controller of the IngressClasses that are ours."),
        Flag(
            "watch-ingress-without-class", .present, of: translating,
            "Also serve Ingresses that name no class."),
        Flag(
            "default-backend-service", .object, of: translating,
            "The Service that answers requests no Ingress matches; without it they get 404."),
        Flag(
            "default-tls-secret", .object, of: translating,
            "The certificate for server names no Ingress covers; without it a self-signed one."),
        Flag(
            "configmap", .object, of: translating + [.migrate],
            "The ConfigMap with settings for all traffic; docs/configmap.md has its keys."),
        Flag(
            "tcp-services-configmap", .object, of: translating,
            "The ConfigMap that opens TCP ports, one a key: PORT: NAMESPACE/SERVICE:PORT[:PROXY[:PROXY]]."),
    ]

    // MARK: Where it listens

    private static let listening: [Flag] = [
        Flag(
            "bind-address", .address, of: serving + [.translate],
            "The address traffic is accepted on. Default: every IPv4 and IPv6 address."),
        Flag(
            "http-port", .port, of: serving + [.translate], fallback: "8080",
            "The port for HTTP; 0 turns it off."),
        Flag(
            "https-port", .port, of: serving + [.translate], fallback: "8443",
            "The port for HTTPS; 0 turns it off."),
        Flag(
            "ops-port", .port, of: serving, fallback: "10254",
            "The port for /livez, /readyz, /healthz and /metrics; 0 turns it off."),
        Flag(
            "admin-address", .endpoint, of: serving, fallback: "127.0.0.1:10255",
            "Where the dashboard and its API listen, on loopback only; port 0 turns them off."),
    ]

    // MARK: How it runs

    private static let process: [Flag] = [
        Flag(
            "workers", .count, of: serving,
            "How many threads carry traffic. Default: the CPUs this process may use."),
        Flag(
            "drain-delay", .duration, of: serving, fallback: "10s",
            "How long traffic is still accepted after SIGTERM, while load balancers notice."),
        Flag(
            "drain-timeout", .duration, of: serving, fallback: "300s",
            "How long requests in flight are waited for after the delay."),
    ]

    // MARK: What is written to the cluster

    private static let writing: [Flag] = [
        Flag(
            "publish-service", .object, of: [.controller],
            "The Service that brings traffic here; its addresses are written into the status of Ingresses."),
        Flag(
            "publish-status-address", .addresses, of: [.controller],
            "The addresses or names to write into the status of Ingresses instead."),
        Flag(
            "election-id", .text("NAME"), of: [.controller],
            "The name of the Lease that replicas elect their leader by. Default: CLASS-leader."),
        Flag(
            "no-leader-election", .present, of: serving,
            "Hold no election: this process writes to the cluster as if it were the only one."),
    ]

    private static let logging: [Flag] = [
        Flag(
            "log-level", .choice(["error", "warning", "info", "debug"]), of: translating, fallback: "info",
            "The least severe messages that are written to stderr."),
        Flag(
            "log-format", .choice(["text", "json"]), of: translating, fallback: "text",
            "The form of log lines on stderr and of the access log."),
        Flag(
            "access-log", .text("off|stdout|PATH"), of: serving, fallback: "stdout",
            "Where a line per request goes."),
    ]

    // MARK: Of `proxy`: what is served is in its files, the rest is off as in HAProxy

    private static let proxy: [Flag] = [
        Flag(
            "file", .text("FILE"), of: [.proxy], letter: "f", isRepeatable: true,
            "A configuration file, or a folder of *.cfg; several are read as one."),
        Flag("check", .present, of: [.proxy], letter: "c", "Only say what is wrong with the files."),
        Flag(
            "ops-port", .port, of: [.proxy], fallback: "0",
            "The port for /livez, /readyz, /healthz and /metrics; 0 turns it off."),
        Flag(
            "admin-address", .endpoint, of: [.proxy], fallback: "127.0.0.1:0",
            "Where the dashboard and its API listen, on loopback only; port 0 turns them off."),
        Flag(
            "workers", .count, of: [.proxy],
            "How many threads carry traffic. Default: nbthread, or the CPUs this process may use."),
        Flag(
            "drain-delay", .duration, of: [.proxy], fallback: "0s",
            "How long traffic is still accepted after SIGTERM, while load balancers notice."),
        Flag(
            "drain-timeout", .duration, of: [.proxy], fallback: "300s",
            "How long requests in flight are waited for after the delay; hard-stop-after says it too."),
        Flag(
            "log-level", .choice(["error", "warning", "info", "debug"]), of: [.proxy], fallback: "info",
            "The least severe messages that are written to stderr."),
        Flag(
            "log-format", .choice(["text", "json"]), of: [.proxy], fallback: "text",
            "The form of log lines on stderr and of the access log."),
        Flag(
            "access-log", .text("off|stdout|PATH"), of: [.proxy], fallback: "off",
            "Where a line per request goes."),
    ]

    // MARK: In the contract, not in this build

    private static let later: [Flag] = [
        Flag(
            "annotations-prefix", .text("PREFIX"), of: translating, isRepeatable: true, isAvailable: false,
            "A prefix of annotations to honour."),
        Flag(
            "admin-socket", .text("PATH"), of: serving, isAvailable: false,
            "A Unix socket for the runtime API."),
        Flag(
            "endpoint-access", .choice(["direct", "apiserver-proxy"]), of: serving, isAvailable: false,
            "How pods are reached."),
        Flag("metrics-names", .text("NAMES"), of: serving, isAvailable: false, "Extra families of metrics."),
    ]
}
