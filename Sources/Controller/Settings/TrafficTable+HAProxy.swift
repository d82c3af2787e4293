/// Keys that the HAProxy controllers' ConfigMap has, and that do nothing here.
extension TrafficTable {
    static let ofHAProxy: [Row] = [
        Row(
            withoutMeaning: .haproxy("path-rewrite"), .haproxy("set-host"), .haproxy("request-set-header"),
            .haproxy("response-set-header"), .haproxy("request-redirect"),
            .haproxy("request-redirect-code"), .haproxy("ssl-redirect-port"), .haproxy("ssl-passthrough"),
            .haproxy("auth-type"), .haproxy("auth-secret"), .haproxy("auth-realm"),
            .haproxy("rate-limit-requests"), .haproxy("rate-limit-period"), .haproxy("rate-limit-size"),
            .haproxy("rate-limit-status-code"), .haproxy("rate-limit-whitelist"), .haproxy("cors-enable"),
            .haproxy("cors-allow-origin"), .haproxy("cors-allow-methods"), .haproxy("cors-allow-headers"),
            .haproxy("cors-allow-credentials"), .haproxy("cors-max-age"),
            .haproxy("cors-respond-to-options"), .haproxy("src-ip-header"),
            .haproxy("cookie-persistence"), .haproxy("check"), .haproxy("check-http"),
            .haproxy("check-interval"), .haproxy("timeout-check"), .haproxy("server-ssl"),
            .haproxy("server-ca"), .haproxy("server-crt"), .haproxy("server-proto"),
            .haproxy("send-proxy-protocol"), .haproxy("pod-maxconn"),
            because: "each Ingress says it, by the annotation of this name"
        ).refusing(),
        Row(
            withoutMeaning: .haproxy("client-ca"), .haproxy("client-crt-optional"),
            because: "hosts demand certificates of clients, by the annotation auth-tls-secret"
        ).refusing(),
        Row(
            withoutMeaning: .haproxy("ssl-certificate"),
            because: "the certificate for every other name is a flag: --default-tls-secret"
        ).refusing(),
        Row(
            withoutMeaning: .haproxy("generate-certificates-signer"),
            because: "no certificates are made for names that clients ask for"
        ).refusing(),
        Row(
            withoutMeaning: .haproxy("prometheus-endpoint-auth-secret"),
            because:
                "the ops port, which has the metrics, asks nobody for a password: leave it inside the cluster"
        ).refusing(),
        Row(
            withoutMeaning: .haproxy("log-format"), .haproxy("log-format-tcp"), .haproxy("request-capture"),
            .haproxy("request-capture-len"),
            because:
                "what a line of the log holds say log-format-upstream and log-format-stream, in nginx's words"
        ).refusing(),
        Row(
            withoutMeaning: .haproxy("cr-global"), .haproxy("cr-defaults"), .haproxy("cr-backend"),
            .haproxy("cr-frontend-http"), .haproxy("cr-frontend-https"), .haproxy("cr-frontend-stats"),
            because: "HAProxy's custom resources are not read"
        ).refusing(),
        Row(
            withoutMeaning: .haproxy("syslog-server"),
            because: "the access log goes to standard output or into a file: --access-log"
        ).refusing(),
        Row(
            withoutMeaning: .haproxy("dontlognull"), .haproxy("logasap"),
            because: "a line is about a request, and is written when that has ended"),
        Row(
            withoutMeaning: .haproxy("http-keep-alive"), .haproxy("http-server-close"),
            because: "connections are kept on both sides; http-connection-mode says otherwise"),
        Row(withoutMeaning: .haproxy("tls-alpn"), because: "whether HTTP/2 is spoken says use-http2"),
        Row(withoutMeaning: .haproxy("quic-alt-svc-max-age"), because: "HTTP/3 is not spoken"),
        Row(
            withoutMeaning: .haproxy("abortonclose"), .haproxy("cookie-persistence-no-dynamic"),
            because:
                "requests of clients that are gone are always given up, and values of cookies are made of servers' addresses"
        ),
    ]
}
