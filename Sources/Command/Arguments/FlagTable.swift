import Controller

/// Every flag there is. Parsing, `--help`, the environment and suggestions are derived from this table.
enum FlagTable {
    /// The rows, in the order `--help` prints them.
    static let flags: [Flag] =
        input + comparing + explaining + listening + writing + process + logging + proxy + steering + watching

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
            "namespace-selector", .selector, of: [.controller],
            "Serve only Ingresses of namespaces with such labels, as the API selects by them; not with --namespace."
        ),
        Flag(
            "ingress-class", .text("NAME"), of: translating, fallback: "sluice",
            "The class name that marks an Ingress as ours when it names a class that does not exist as an object."
        ),
        Flag(
            "controller-name", .text("NAME"), of: translating, fallback: "ingress.sluice.dev/controller",
            "The spec.controller of the IngressClasses that are ours."),
        Flag(
            "ingress-class-by-name", .present, of: translating,
            "The class of that name is ours whatever controller it says."),
        Flag(
            "no-external-names", .present, of: translating,
            "Resolve no Services of type ExternalName; their paths are answered 503."),
        Flag(
            "no-catch-all", .present, of: translating,
            "Serve no Ingress that has a default backend of its own."),
        Flag(
            "watch-ingress-without-class", .present, of: translating,
            "Also serve Ingresses that name no class."),
        Flag(
            "annotations-prefix", .text("PREFIX"), of: translating, isRepeatable: true,
            "A prefix of annotations that are read beside sluice.dev, in place of the usual two; may be repeated."
        ),
        Flag(
            "translate-snippets", .present, of: translating,
            "Make rules of configuration-snippet where every line of it is known; docs/snippets.md has them."),
        Flag(
            "relax", .choice(StrictnessRule.allCases.map(\.rawValue)), of: translating, isRepeatable: true,
            "Let through what is usually not served because it is not wholly understood; may be repeated."),
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
            "defaults", .choice(["sluice", "nginx"]), of: translating, fallback: "sluice",
            "Whose defaults hold where that ConfigMap does not say; nginx is ingress-nginx's."),
        Flag(
            "tcp-services-configmap", .object, of: translating,
            "The ConfigMap that opens TCP ports, one a key: PORT: NAMESPACE/SERVICE:PORT[:PROXY[:PROXY]]."),
        Flag(
            "endpoint-access", .choice(["direct", "apiserver-proxy"]), of: [.controller],
            "How pods are reached. Default: direct; with a kubeconfig apiserver-proxy where no pod can be reached."
        ),
        Flag(
            "zone", .text("NAME|auto"), of: translating,
            "The zone whose servers are taken of Services with topology-mode Auto; auto is that of this pod's node."
        ),
        Flag(
            "override", .override, of: translating, isRepeatable: true,
            "Send requests for this Service there instead of to its pods; not in a cluster."),
    ]

    // MARK: Two proxies compared

    private static let comparing: [Flag] = [
        Flag(
            "compare", .proxies, of: [.migrate], isRepeatable: true,
            "Ask both of these for one page of each host and path, and print in what the answers differ; exit 1 if they do."
        ),
        Flag(
            "requests", .text("FILE"), of: [.migrate], isRepeatable: true,
            "With --compare: ask what its lines say, too: URL, METHOD URL, or an access log of ingress-nginx or in JSON; - is stdin."
        ),
        Flag(
            "header", .field, of: [.migrate], isRepeatable: true,
            "With --compare: a field that goes with every request."),
        Flag(
            "ignore-header", .text("NAME"), of: [.migrate], isRepeatable: true,
            "With --compare: a field of answers that is not compared."),
        Flag(
            "error-bodies", .present, of: [.migrate],
            "With --compare: compare the bodies of redirects and errors, too."),
        Flag(
            "unsafe-methods", .present, of: [.migrate],
            "With --compare: send what may change something, too, without a body; both reach the same pods."),
        Flag(
            "insecure", .present, of: [.migrate],
            "With --compare: take any certificate."),
        Flag(
            "timeout", .duration, of: [.migrate], fallback: "10s",
            "With --compare: how long an answer may take."),
    ]

    // MARK: The request that is asked about

    private static let explaining: [Flag] = [
        Flag("method", .text("METHOD"), of: [.explain], fallback: "GET", "The method of the request."),
        Flag(
            "header", .field, of: [.explain], isRepeatable: true,
            "A field of the request; may be repeated."),
        Flag(
            "cookie", .text("NAME=VALUE"), of: [.explain], isRepeatable: true,
            "A cookie of the request; may be repeated."),
        Flag(
            "client", .address, of: [.explain],
            "The address it comes from. Without it, what depends on that is left open."),
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
            "admin-socket", .text("PATH"), of: serving,
            "Where the runtime API is: a Unix socket for this user alone. Without it there is none."),
        Flag(
            "admin-address", .endpoint, of: serving, fallback: "127.0.0.1:10255",
            "Where the dashboard and its API listen, on loopback only; port 0 turns them off."),
        Flag(
            "metrics-names", .choice(["nginx"]), of: serving,
            "Names /metrics has beside its own: those that dashboards for ingress-nginx read."),
        Flag(
            "admission-port", .port, of: [.controller], fallback: "0",
            "The port for the webhook that judges Ingresses before they are written; 0 turns it off."),
        Flag(
            "admission-secret", .object, of: [.controller],
            "The Secret with the webhook's certificate: that of somebody else, or kept by the flags below."),
        Flag(
            "admission-certificate", .text("FILE"), of: [.controller],
            "The webhook's certificate as a file, instead of that Secret; it is looked at again every ten seconds."
        ),
        Flag("admission-key", .text("FILE"), of: [.controller], "Its key."),
        Flag(
            "admission-path", .text("PATH"), of: [.controller], fallback: "/validate",
            "The path reviews are handed in at."),
        Flag(
            "admission-webhook", .text("NAME"), of: [.controller],
            "The ValidatingWebhookConfiguration that is to believe a certificate the leader makes and renews."
        ),
        Flag(
            "admission-service", .object, of: [.controller],
            "The Service that API servers reach the webhook by; that certificate is for its name."),
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
        Flag(
            "supervise", .present, of: [.controller], fallback: "true",
            "Carry traffic in a second process, and start it again if it dies; --supervise=false turns it off."
        ),
        Flag(
            "supervise", .present, of: [.dev], fallback: "false",
            "Carry traffic in a second process, and start it again if it dies."),
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
            "publish-nodes", .choice(["external", "internal"]), of: [.controller],
            "The kind of addresses by which nodes are published: those of a Service of type NodePort, else of pods like this one."
        ),
        Flag(
            "clear-status", .present, of: [.controller],
            "When the last replica ends, take out of the status of Ingresses what was written there."),
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
            "log-format", .choice(["text", "json", "nginx"]), of: translating, fallback: "text",
            "The form of log lines on stderr and of the access log; nginx is ingress-nginx's, of that log alone."
        ),
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

    // MARK: Of `admin`

    private static let steering: [Flag] = [
        Flag(
            "admin-socket", .text("PATH"), of: [.admin],
            "The socket of the instance: its --admin-socket, or a 'stats socket' of its configuration."),
        Flag("timeout", .duration, of: [.admin], fallback: "10s", "How long an answer is waited for."),
    ]

    // MARK: Of `top`

    private static let watching: [Flag] = [
        Flag(
            "ops-address", .endpoint, of: [.top], fallback: "127.0.0.1:10254",
            "Where /metrics of the instance is."),
        Flag(
            "admin-address", .endpoint, of: [.top], fallback: "127.0.0.1:10255",
            "Where its dashboard is; port 0: do without, and without pods, hosts and Ingresses."),
        Flag(
            "by", .choice(TopRow.Subject.allCases.map(\.rawValue)), of: [.top], fallback: "service",
            "What the rows are about."),
        Flag(
            "sort", .choice(TopRow.Order.allCases.map(\.rawValue)), of: [.top], fallback: "requests",
            "What they are sorted by."),
        Flag("interval", .duration, of: [.top], fallback: "2s", "How often it is looked at."),
        Flag(
            "once", .present, of: [.top],
            "Print one table, of one interval; so it is where stdout is no terminal."),
    ]
}
