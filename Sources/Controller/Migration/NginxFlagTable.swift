/// Every flag of ingress-nginx's controller. `nginx-ingress-controller`, `sluice migrate` and `docs/ingress-nginx.md` are derived
/// from this table.
public enum NginxFlagTable {
    /// In the order of documentation.
    public static let flags: [NginxFlag] = objects + cluster + ports + process + dropped

    /// The flag of a name; nil if there is none.
    public static func flag(_ name: String) -> NginxFlag? { byName[name] }

    private static let byName = Dictionary(flags.map { ($0.name, $0) }) { first, _ in first }

    private static let objects: [NginxFlag] = [
        NginxFlag("ingress-class", .same("ingress-class")),
        NginxFlag("controller-class", .same("controller-name")),
        NginxFlag(
            "ingress-class-by-name", .when(on: "ingress-class-by-name", off: nil), isSwitch: true),
        NginxFlag(
            "watch-ingress-without-class", .when(on: "watch-ingress-without-class", off: nil), isSwitch: true),
        NginxFlag("watch-namespace", .same("namespace")),
        NginxFlag("watch-namespace-selector", .same("namespace-selector")),
        NginxFlag("configmap", .same("configmap")),
        NginxFlag("tcp-services-configmap", .same("tcp-services-configmap")),
        NginxFlag("udp-services-configmap", .pending("there are no UDP services")),
        NginxFlag("default-backend-service", .same("default-backend-service")),
        NginxFlag("default-ssl-certificate", .same("default-tls-secret")),
        NginxFlag("annotations-prefix", .same("annotations-prefix")),
        NginxFlag(
            "disable-catch-all", .when(on: "no-catch-all", off: nil), isSwitch: true),
        NginxFlag(
            "disable-svc-external-name", .when(on: "no-external-names", off: nil), isSwitch: true),
        NginxFlag(
            "enable-topology-aware-routing", .when(on: "zone=auto", off: nil), isSwitch: true),
        NginxFlag(
            "enable-ssl-passthrough", .needless("ssl-passthrough needs no permission"),
            isSwitch: true),
        NginxFlag("ssl-passthrough-proxy-port", .needless("there is no second port inside")),
    ]

    private static let cluster: [NginxFlag] = [
        NginxFlag("kubeconfig", .same("kubeconfig")),
        NginxFlag("publish-service", .same("publish-service")),
        NginxFlag("publish-status-address", .same("publish-status-address")),
        NginxFlag(
            "report-node-internal-ip-address",
            .when(on: "publish-nodes=internal", off: nil), isSwitch: true
        ),
        NginxFlag("update-status", .when(on: nil, off: nil), isSwitch: true),
        NginxFlag(
            "update-status-on-shutdown", .when(on: "clear-status", off: nil),
            isSwitch: true),
        NginxFlag("status-update-interval", .needless("the status is written when it changes")),
        NginxFlag("election-id", .same("election-id")),
        NginxFlag("election-ttl", .needless("a Lease is given up after 15 seconds")),
        NginxFlag(
            "disable-leader-election", .when(on: "no-leader-election", off: nil), isSwitch: true),
        NginxFlag(
            "disable-sync-events",
            .needless("no Event tells that an Ingress was looked at; those here tell what is wrong with one"),
            isSwitch: true),
        NginxFlag("apiserver-host", .refused("where the API server is stands in a kubeconfig: --kubeconfig")),
        NginxFlag("certificate-authority", .refused("it stands in a kubeconfig: --kubeconfig")),
        NginxFlag("root-ca-file", .refused("it stands in a kubeconfig: --kubeconfig")),
        NginxFlag("sync-period", .needless("objects are followed, never listed again without need")),
        NginxFlag("sync-rate-limit", .needless("changes are served at once")),
    ]

    private static let ports: [NginxFlag] = [
        NginxFlag("http-port", .same("http-port")),
        NginxFlag("https-port", .same("https-port")),
        NginxFlag("healthz-port", .same("ops-port")),
        NginxFlag("healthz-host", .needless("the ops port listens on every address")),
        NginxFlag("health-check-path", .needless("/healthz, /livez and /readyz are there")),
        NginxFlag("health-check-timeout", .needless("nobody is asked for it")),
        NginxFlag("default-server-port", .needless("there is no second port inside")),
        NginxFlag("status-port", .needless("there is no second port inside")),
        NginxFlag("stream-port", .needless("there is no second port inside")),
        NginxFlag("profiler-port", .needless("there is no profiler")),
        NginxFlag("profiler-address", .needless("there is no profiler")),
        NginxFlag("profiling", .needless("there is no profiler"), isSwitch: true),
    ]

    private static let metrics =
        "ingress-nginx's metrics come with --metrics-names nginx, of named hosts and with its usual buckets"
    private static let process: [NginxFlag] = [
        NginxFlag("shutdown-grace-period", .seconds("drain-delay")),
        NginxFlag("post-shutdown-grace-period", .needless("nothing is left to wait for at the end")),
        NginxFlag(
            "enable-metrics", .needless("metrics are always there, on the ops port"), isSwitch: true),
        NginxFlag(
            "metrics-per-host", .needless(metrics), isSwitch: true),
        NginxFlag(
            "metrics-per-undefined-host", .needless(metrics), isSwitch: true),
        NginxFlag("report-status-classes", .needless(metrics), isSwitch: true),
        NginxFlag("exclude-socket-metrics", .needless(metrics)),
        NginxFlag("time-buckets", .needless(metrics)),
        NginxFlag("length-buckets", .needless(metrics)),
        NginxFlag("size-buckets", .needless(metrics)),
        NginxFlag("bucket-factor", .needless(metrics)),
        NginxFlag("max-buckets", .needless(metrics)),
        NginxFlag("monitor-max-batch-size", .needless(metrics)),
        NginxFlag("validating-webhook", .port("admission-port")),
        NginxFlag("validating-webhook-certificate", .same("admission-certificate")),
        NginxFlag("validating-webhook-key", .same("admission-key")),
        NginxFlag("disable-full-test", .needless("there is no configuration text to test"), isSwitch: true),
        NginxFlag(
            "enable-annotation-validation", .needless("annotations are always validated"), isSwitch: true),
        NginxFlag("deep-inspect", .needless("there is no configuration text to inspect"), isSwitch: true),
        NginxFlag(
            "dynamic-configuration-retries", .needless("changes are served in this process")),
        NginxFlag("internal-logger-address", .needless("there is no second process that logs")),
        NginxFlag("shdict", .needless("there is no interpreter inside")),
    ]

    private static let dropped: [NginxFlag] =
        [
            "maxmind-license-key", "maxmind-edition-ids", "maxmind-mirror", "maxmind-retries-count",
            "maxmind-retries-timeout", "maxmind-refresh-interval",
        ].map { NginxFlag($0, .pending("there is no data about addresses")) }
        + ["v", "stderrthreshold", "vmodule", "log_dir", "log_file", "log_file_max_size", "log_backtrace_at"]
        .map { NginxFlag($0, .needless("logs are chosen by --log-level and --log-format")) }
        + [
            "logtostderr", "alsologtostderr", "one_output", "skip_headers", "skip_log_headers",
            "add_dir_header",
        ].map {
            NginxFlag($0, .needless("logs are chosen by --log-level and --log-format"), isSwitch: true)
        }
}
