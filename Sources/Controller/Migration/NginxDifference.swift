/// What ingress-nginx does of itself, and this does otherwise: no annotation says it, and somebody may rely on it.
struct NginxDifference: Sendable {
    /// What it is about.
    let subject: String
    /// What ingress-nginx does.
    let there: String
    /// What is done here.
    let here: String
    /// What to do who relies on it.
    let remedy: String

    private init(_ subject: String, there: String, here: String, remedy: String) {
        (self.subject, self.there, self.here, self.remedy) = (subject, there, here, remedy)
    }

    /// In the order of a request.
    static let all: [NginxDifference] = [
        NginxDifference(
            "ports", there: "80 and 443",
            here: "8080 and 8443; 80 and 443 under the name `nginx-ingress-controller`",
            remedy: "`--http-port`, `--https-port`, or the Service's `targetPort`"),
        NginxDifference(
            "the certificate of names that nobody has",
            there: "self-signed, `CN=Kubernetes Ingress Controller Fake Certificate`",
            here: "self-signed, `CN=sluice default`", remedy: "`--default-tls-secret`"),
        NginxDifference(
            "HTTP/2 without TLS", there: "not spoken", here: "spoken with prior knowledge, on the same port",
            remedy: "nothing"),
        NginxDifference(
            "fields with `_` in their name", there: "dropped", here: "passed on",
            remedy: "`enable-underscores-in-headers: \"false\"` in the ConfigMap"),
        NginxDifference(
            "a head of more than 36 KiB", there: "400 or 414 beyond 4 × 8k", here: "431",
            remedy: "`large-client-header-buffers`, down from there"),
        NginxDifference(
            "the time a head may take", there: "60 s between two reads", here: "10 s in all",
            remedy: "`client-header-timeout`"),
        NginxDifference(
            "the size of bodies", there: "1m, then 413", here: "no limit",
            remedy: "`proxy-body-size` in the ConfigMap: `1m`"),
        NginxDifference(
            "`GET /healthz` of an unknown host on port 80", there: "200",
            here: "as any other request; 200 with `--defaults nginx`",
            remedy: "`--defaults nginx`, or let load balancers ask `/healthz` on port 10254"),
        NginxDifference(
            "a host without the path `/`",
            there: "`/` goes to the default backend, with the annotations of the host's oldest Ingress",
            here:
                "honoured, if that Ingress has annotations; without any the default backend alone is asked, and plain requests are not sent to HTTPS",
            remedy: "write the path `/`"),
        NginxDifference(
            "an Ingress of nothing but `spec.defaultBackend`",
            there: "it is for unknown hosts, and its annotations hold, but for redirects and rewrites",
            here:
                "honoured, and it answers what nobody has of known hosts; with `auth-tls-secret`, which needs a name, 503",
            remedy: "write the path `/`"),
        NginxDifference(
            "a path with `..%2F` or `%2F..`",
            there: "matched as if it were resolved, and sent to the server as the client wrote it",
            here: "400: nobody can say which path the server makes of it", remedy: "nothing"),
        NginxDifference(
            "`.` and `..` in the path a server gets", there: "as the client wrote it", here: "resolved",
            remedy: "nothing"),
        NginxDifference(
            "a path that ends with `/`", there: "a request for it without the `/` is sent there with 301",
            here: "a prefix matches both, an exact path only itself; 301 with `--defaults nginx`",
            remedy: "`--defaults nginx`"),
        NginxDifference(
            "two Ingresses of the same age for one path", there: "the last by namespace and name",
            here: "the first by namespace and name; as there with `--defaults nginx`",
            remedy: "keep one of them"),
        NginxDifference(
            "two regular expressions of the same length", there: "the last by name", here: "the same",
            remedy: "nothing"),
        NginxDifference(
            "the body of a request", there: "read as a whole before a server is asked",
            here: "passed on as it comes",
            remedy: "the annotation `proxy-request-buffering: \"on\"`, for what fits a buffer"),
        NginxDifference(
            "failed attempts", there: "three tries: errors and silence", here: "four: connections that fail",
            remedy: "`proxy-next-upstream`"),
        NginxDifference(
            "the head of an answer", there: "4k, then 502", here: "as large as a request's", remedy: "nothing"
        ),
        NginxDifference(
            "WebSockets", there: "cut after 60 s of silence", here: "after an hour",
            remedy: "`proxy-read-timeout`, or `proxy-stream-timeout` in the ConfigMap"),
        NginxDifference(
            "`Strict-Transport-Security`", there: "sent, for a year and with subdomains", here: "not sent",
            remedy: "`hsts: \"true\"` and `hsts-include-subdomains: \"true\"` in the ConfigMap"),
        NginxDifference(
            "lines of the log", there: "nginx's",
            here: "[HAProxy's](operations.md#logs); nginx's under the name `nginx-ingress-controller`",
            remedy: "`--log-format nginx`, or `log-format-upstream` in the ConfigMap"),
        NginxDifference(
            "metrics", there: "`nginx_ingress_controller_*`", here: "[other names](operations.md#metrics)",
            remedy: "`--metrics-names nginx`"),
        NginxDifference(
            "a change", there: "a new process takes over; long connections are cut in the end",
            here: "nothing is reloaded, no connection is closed", remedy: "nothing"),
        NginxDifference(
            "the end of the last replica", there: "the status of Ingresses is emptied",
            here: "it stays; emptied under the name `nginx-ingress-controller` where flags publish something",
            remedy: "`--clear-status`, `--update-status-on-shutdown=false`"),
        NginxDifference(
            "no `--publish-service`, no `--publish-status-address`",
            there: "the nodes of its pods are published",
            here: "nothing is", remedy: "`--publish-nodes external`"),
    ]
}
