/// Why words of HAProxy's are not here, for those that will not come or have another way out: what is told with their refusal.
enum RefusedKeywords {
    /// By what the word is called in diagnostics.
    static let reasons: [String: String] = {
        var table = own
        for (name, reason) in ofTLS { table[name] = reason }
        return table
    }()

    private static let own: [String: String] = [
        "mailers": mail, "email-alert": mail, "email-alert mailers": mail, "email-alert from": mail,
        "email-alert to": mail, "email-alert level": mail, "email-alert myhostname": mail,
        "filter": "'compression', 'cache', 'bwlim-in' and 'bwlim-out' are; \(agents)",
        "http-request send-spoe-group": agents, "http-response send-spoe-group": agents,
        "tcp-request content send-spoe-group": agents, "tcp-response content send-spoe-group": agents,
        "option spop-check": agents,
        "fcgi-app": scripts, "use-fcgi-app": scripts, "proto fcgi": scripts,
        "option external-check": programs, "external-check command": programs,
        "external-check path": programs,
        "external-check": programs,
        "server … namespace": namespaces, "bind … namespace": namespaces,
        "server … cc": "the system's choice counts: net.ipv4.tcp_congestion_control",
        "bind … cc": "the system's choice counts: net.ipv4.tcp_congestion_control",
        "server … tcp-md5sig": "routers sign their sessions so; 'ssl' is for servers",
        "bind … tcp-md5sig": "routers sign their sessions so; 'ssl' is for clients",
        "bind … accept-netscaler-cip": "'accept-proxy' is, which such balancers speak too",
        "bind … transparent": "nothing is done with addresses that are not this machine's",
        "bind … generate-certificates": "certificates are given, none are made for others' names",
        "bind … ca-sign-file": "certificates are given, none are made for others' names",
        "bind … ca-sign-pass": "certificates are given, none are made for others' names",
        "bind … quic-cc-algo": quic, "bind … quic-force-retry": quic, "bind … quic-socket": quic,
        "server … log-bufsize": "'ring' sections are",
        "server … init-state": "servers begin up, and the first check takes them down",
    ]

    private static let mail =
        "no mail is sent; logs and metrics tell when servers change, and whoever reads them can send it"
    private static let agents =
        "no agents are asked by SPOE; maps, stick tables and variables decide in the process"
    private static let scripts =
        "servers of an haproxy.cfg speak HTTP, so that a web server stands before scripts; Ingresses have 'backend-protocol: FCGI'"
    private static let programs =
        "no programs are started here; 'agent-check' asks one over the network, and 'tcp-check' and 'http-check' ask the server"
    private static let namespaces = "every connection belongs to the network that this process was started in"
    private static let quic = "there is no QUIC here"

    private static let ofTLS: [String: String] = [
        "server … force-sslv3": old, "server … force-tlsv10": old, "server … force-tlsv11": old,
        "server … sslv3": old, "server … tlsv10": old, "server … tlsv11": old,
        "bind … force-sslv3": old, "bind … force-tlsv10": old, "bind … force-tlsv11": old,
        "bind … allow-0rtt": early, "server … allow-0rtt": early,
        "bind … ocsp-update": "responses are read from FILE.ocsp, which something else renews",
        "bind … tls-ticket-keys": "keys of tickets are made by the process, twice a day",
        "bind … ca-verify-file": "'ca-file' names all authorities",
        "bind … no-ca-names": "clients are told whom 'ca-file' has",
        "bind … ktls": "TLS is spoken by the process", "server … ktls": "TLS is spoken by the process",
    ]

    private static let old = "TLS 1.2 and 1.3 are spoken here, nothing older"
    private static let early = "no early data is taken or sent: whoever has seen a request could repeat it"
}
