/// Why fetches and converters of HAProxy are not here, and what is in their place.
enum AbsentSamples {
    /// The reason; nil for what is here, or nowhere.
    static func reason(_ name: String) -> String? { reasons[name] }

    private static let reasons: [String: String] = {
        var reasons: [String: String] = [:]
        for (words, reason) in families {
            for word in words.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
                reasons[String(word)] = reason
            }
        }
        return reasons
    }()

    private static let families: [(words: String, reason: String)] = [
        ("res.bytes_in res.bytes_out req.bytes_in req.bytes_out", "'bytes_in' and 'bytes_out' are"),
        (
            "last_entity last_rule_file last_rule_line term_events timing",
            "rules do not know at run time in which line they stand; 'sluice explain' and the log's '%tsc' tell what became of a request"
        ),
        ("lat_ns_avg lat_ns_tot", "what a worker does is not timed request by request"),
        ("internal.htx.data", "that is about HAProxy's own form of messages"),
        ("distcc_body distcc_param", "distcc's protocol is not read; 'req.payload' gives its bytes"),
        ("dst_conn", "connections are counted for frontends: 'fe_conn' is"),
        ("so_name", "listeners have numbers alone: 'so_id' is"),
        ("fe_defbe", "'be_name' is, once a request has its backend"),
        ("be_srv_uweight lbconn", "'srv_uweight' and 'be_conn' are"),
        ("cookie", "'req.cook' and 'res.cook' are"),
        ("has_early", "no early data is taken"),
        ("ltime date", "'date,ltime(…)' is"),
        ("mqtt_field_value", "it is a converter: 'req.payload(0,0),mqtt_field_value(…)'"),
        ("ver", "'req.ver' is"),
        ("nbthread", "'nbproc' and 'thread' are"),
        ("uptime", "'show info' and the metrics tell it"),
        ("quic_version", "QUIC is not spoken"),
        ("txn.id32", "'unique-id' and 'uuid' name a request"),
        (
            "bc_glitches fc_glitches sc_glitch_cnt sc_glitch_rate src_glitch_cnt src_glitch_rate table_glitch_cnt table_glitch_rate",
            "floods and faults of HTTP/2 have bounds of their own"
        ),
        (
            "bc_nb_streams fc_nb_streams bc_settings_streams_limit fc_settings_streams_limit",
            "how many streams a connection carries is not known to its requests"
        ),
        ("bc_err_name fc_err_name", "'bc_err_str' and 'fc_err_str' are"),
        ("res.cache_hit res.cache_name", "rules about answers are asked of kept ones without knowing it"),
        (
            "res.comp res.comp_algo",
            "answers are compressed behind all rules: 'Content-Encoding' is for their clients to see"
        ),
        (
            "res.ssl_hello_type rep_ssl_hello_type",
            "a server's handshake is not read; 'res.payload' gives its bytes"
        ),
        (
            """
            ssl_fc_client_early_traffic_secret ssl_fc_client_handshake_traffic_secret ssl_fc_client_traffic_secret_0
            ssl_fc_early_exporter_secret ssl_fc_exporter_secret ssl_fc_server_handshake_traffic_secret
            ssl_fc_server_traffic_secret_0 ssl_fc_session_key ssl_bc_session_key
            """, "what opens recorded connections is told to nobody"
        ),
        (
            "ssl_fc_npn ssl_bc_npn ssl_fc_crtname", "'ssl_fc_alpn' and 'ssl_f_s_dn' are"
        ),
        ("ssl_bc_sni", "what is told a server is in its line"),
        (
            "ssl_fc_hsk_err ssl_fc_hsk_err_str",
            "connections whose handshake failed are closed before anybody asks"
        ),
        ("sc_key", "'src' and the other samples that are tracked are"),
        // Converters.
        ("da-csv-conv", "there is no database of devices"),
        ("debug", "a line of the log with '%[…]' shows samples"),
        ("fix_is_valid fix_tag_value", "the FIX protocol is not read"),
        ("hash", "'crc32', 'xxh32', 'xxh64' and 'digest' are"),
        ("htmlencode", "texts of pages are those of the file"),
        ("ip.fp ip.ver", "packets are the kernel's"),
        ("jwt_decrypt_cert jwt_decrypt_secret", "encrypted tokens are not read; 'jwt_verify' is"),
        ("map_bool map_len", "'map_int' and 'length,map_int(…)' are"),
        ("nbsrv srv_queue", "as the beginning of an expression it is: 'nbsrv(NAME)', 'srv_queue(NAME)'"),
        (
            "table_clr_gpc table_clr_gpc0 table_clr_gpc1 table_inc_gpc table_inc_gpc0 table_inc_gpc1",
            "'http-request sc-inc-gpc' and 'sc-set-gpt' change entries"
        ),
        ("when", "conditions of rules and 'option dontlog-normal' are"),
    ]
}
