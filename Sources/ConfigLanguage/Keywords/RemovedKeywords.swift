/// Words of old files that HAProxy itself has given up, and what is written today.
enum RemovedKeywords {
    /// By word.
    static let table: [String: String] = [
        "contimeout": "timeout connect", "clitimeout": "timeout client", "srvtimeout": "timeout server",
        "reqadd": "http-request add-header", "rspadd": "http-response add-header",
        "reqrep": "http-request replace-header, replace-path or replace-uri",
        "reqirep": "http-request replace-header",
        "reqdel": "http-request del-header", "reqidel": "http-request del-header",
        "rspdel": "http-response del-header", "rspidel": "http-response del-header",
        "rsprep": "http-response replace-header", "rspirep": "http-response replace-header",
        "reqdeny": "http-request deny", "reqideny": "http-request deny", "rspdeny": "http-response deny",
        "reqallow": "http-request allow", "reqiallow": "http-request allow",
        "reqtarpit": "http-request tarpit",
        "block": "http-request deny", "redispatch": "option redispatch", "appsession": "stick on",
        "option forceclose": "option httpclose",
        "option http-tunnel": "nothing: tunnels are made by upgrades",
        "option tcpsplice": "option splice-auto", "grace": "nothing",
    ]
}
