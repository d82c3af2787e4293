import Model
import Testing

@testable import ConfigLanguage

@Suite("Expressions of the configuration language")
struct ExpressionReaderTests {
    private func read(_ text: String, layers: SampleLayers = .choosingServer) throws -> Expression {
        try ExpressionReader(isPattern: { !$0.hasPrefix("(") }, layers: layers)
            .expression(Word(text, column: 14))
    }

    private func refusal(_ text: String, layers: SampleLayers = .choosingServer) -> String? {
        do {
            _ = try ExpressionReader(isPattern: { !$0.hasPrefix("(") }, layers: layers)
                .expression(Word(text, column: 14))
            return nil
        } catch {
            return error.sentence
        }
    }

    @Test("a fetch, its arguments, and what is done with it")
    func steps() throws {
        let field = Fetch.requestField(FieldPick("Host"))
        #expect(try read("hdr(Host)") == Expression(field))
        #expect(
            try read("req.hdr(Host),lower,field(1,:)")
                == Expression(
                    field,
                    [.lower, .part(number: 1, delimiters: Array(":".utf8), count: 1, joined: false)]))
        #expect(try read("src").fetch == .ofClient(.source))
        #expect(try read("path,,lower,").converters == [.lower])
        #expect(try read("str()").fetch == .string([]))
        #expect(try read("hdr(x,-2)").fetch == .requestField(FieldPick("x", occurrence: -2)))
    }

    @Test(
        "quotes and escapes within parentheses",
        arguments: [
            ("str(\"a,b)\")", "a,b)"), ("str('a\\b')", "a\\b"), ("str(a\\ b)", "a b"), ("str(a b)", "a b"),
            ("str(\\\"a\\\")", "\"a\""), ("str(a\\tb)", "a\tb"), ("str(\\d)", "\\d"), ("str(a'b'c)", "abc"),
            ("str(\"it's\")", "it's"), ("str((a)", "(a"),
        ])
    func quotes(text: String, expected: String) throws {
        #expect(try read(text).fetch == .string(Array(expected.utf8)))
    }

    @Test(
        "every expression is read again from its canonical text",
        arguments: [
            "always_true", "always_false", "bool(true)", "int(-5)", "str(\"a,b \\\"c\\\\\")", "bin(00ff)",
            "ipv4(1.2.3.4)",
            "ipv6(::1)", "rand", "rand(100)", "date", "date(60)", "src", "src_port", "dst", "dst_port",
            "fe_name", "ssl_fc",
            "ssl_fc_protocol_hello_id", "ssl_fc_cipherlist_bin", "ssl_fc_cipherlist_bin(1)",
            "ssl_fc_cipherlist_hex(1)",
            "ssl_fc_cipherlist_str", "ssl_fc_cipherlist_xxh", "ssl_fc_extlist_bin(1)",
            "ssl_fc_eclist_bin(1),be2dec(-,2)",
            "ssl_fc_ecformats_bin", "ssl_fc_supported_versions_bin(1)", "ssl_fc_sigalgs_bin", "ssl_fc_curve",
            "ssl_fc_unique_id,base64", "ssl_fc_client_random,hex", "ssl_fc_server_random,hex",
            "ssl_c_ca_err_depth",
            "req.hdr(a),protobuf(1)", "req.hdr(a),protobuf(1.3.2,sint64),add(1)",
            "req.hdr(a),ungrpc(2.1),hex",
            "req.hdr(a),ungrpc(7,enum)", "path,json(utf8p)", "path,json(utf8ps)", "ssl_c_chain_der",
            "ssl_c_r_dn", "ssl_c_r_dn(CN)",
            "ssl_c_verify,x509_v_err_str",
            "ssl_fc_sni", "ssl_fc_has_sni", "ssl_fc_alpn", "ssl_fc_protocol", "ssl_fc_cipher",
            "ssl_fc_is_resumed", "method",
            "path", "pathq", "url", "query", "base", "req.ver", "req_ver", "http_first_req", "fc_http_major",
            "hdr(a)",
            "req.hdr(a,2)", "req.fhdr(a,-1)", "hdr_val(a)", "hdr_ip(x-forwarded-for,-1)", "hdr_cnt(a)",
            "fhdr_cnt(a)",
            "req.hdr_names", "req.hdr_names(;)", "cook", "cook(a)", "cook_cnt(a)", "cook_val(a)",
            "url_param(a)",
            "urlp(a,;)", "urlp", "urlp_val(a)", "base32", "base32+src", "url32", "url32+src", "be_name",
            "src,ipmask(24)", "src,ipmask(255.255.0.0,64)", "path,lower,upper,length",
            "path,field(1,/),word(-2,/,3)",
            "path,bytes(1),bytes(1,2)", "path,ltrim(/),rtrim(\" \")",
            "path,concat(a),concat(a,,b),concat(,,b)",
            "path,regsub(a,b)", "path,regsub(\"a(b),c\",\"\\\\1\",gi)", "path,url_dec,url_dec(1),url_enc",
            "path,hex,hex2i,base64,b64dec,ub64enc,ub64dec",
            "path,crc32,crc32(1),djb2,sdbm,wt6(1),crc32c,xxh32(7),xxh64",
            "path,length,add(1),sub(-2),mul(3),div(4),mod(5),and(6),or(7),xor(8),neg,cpl",
            "sc_http_req_rate(0)", "sc1_conn_cur", "sc_get_gpc(1,2)", "sc2_get_gpt(3,t)", "src_get_gpc0(t)",
            "src_inc_gpc(2,t)", "sc_clr_gpc0(1)", "sc0_inc_gpc1", "sc_kbytes_in(0)", "src_kbytes_out(t)",
            "sc_tracked(1)", "sc_trackers(0)", "src_updt_conn_cnt(t)", "table_cnt(t)", "table_avl(t)",
            "src,in_table(t)", "src,table_http_err_rate(t)", "path,table_gpc(1,t)", "path,table_gpt0(t)",
            "src,table_expire(t)", "src,table_idle(t,-1)", "src,table_server_id(t)", "src,table_trackers(t)",
            "path,length,even,odd,bool,not,iif(a,\"b c\")", "path,iif(,x)",
        ])
    func roundTrip(text: String) throws {
        let once = try read(text)
        #expect(try read(once.description) == once)
        #expect(try read(once.description).description == once.description)
    }

    @Test(
        "what is wrong, where, and what was expected",
        arguments: [
            ("", "a sample such as req.hdr(host) or src is missing"),
            ("hrd(a)", "unknown keyword 'hrd' at column 14; did you mean 'hdr'?"),
            ("nosuchthingatall", "unknown keyword 'nosuchthingatall' at column 14"),
            ("src,lowre", "unknown keyword 'lowre' at column 18; did you mean 'lower'?"),
            ("sc_glitch_rate(0)", "'sc_glitch_rate' exists in HAProxy but not here yet"),
            ("src,table_glitch_cnt(t)", "'table_glitch_cnt' exists in HAProxy but not here yet"),
            ("sc_conn_cnt", "a number from 0 to 2, argument 1 of 'sc_conn_cnt', is missing"),
            ("sc_conn_cnt(3)", "'3' at column 26: expected a number from 0 to 2"),
            ("sc_get_gpc(100,0)", "'100' at column 25: expected a number from 0 to 99"),
            ("sc0_conn_cnt(t,u)", "unexpected 'u' at column 29"),
            ("hdr", "the name of a field, argument 1 of 'hdr', is missing"),
            ("hdr()", "the name of a field, argument 1 of 'hdr', is missing"),
            ("hdr(a", "')' behind 'hdr(' is missing"), ("str(\"a", "'\"' behind 'str(' is missing"),
            ("hdr(a)x", "'x' at column 20: expected a comma and the next converter"),
            ("hdr(a,x)", "'x' at column 20: expected a number from -128 to 128"),
            ("hdr(a,1,2)", "unexpected '2' at column 22"), ("src(1)", "unexpected '1' at column 18"),
            ("src,lower(1)", "unexpected '1' at column 24"),
            (
                "path,field(0,_)",
                "'0' at column 25: expected a number of at least 1, or of at most -1 to count from the end"
            ),
            ("path,field(1)", "the bytes that separate, argument 2 of 'field', is missing"),
            ("path,regsub((,b)", "'(' at column 26: expected a regular expression"),
            ("path,regsub(a,b,x)", "'x' at column 30: expected g for all, i for letters without case"),
            (
                "path,ipmask(33)",
                "'33' at column 26: expected a prefix of 0 to 32, or a mask such as 255.255.0.0"
            ),
            (
                "path,add(x)",
                "'x' at column 23: expected a whole number, or a variable such as txn.name"
            ),
            ("var(check.x)", "'var' at column 14 is not known here: it needs a health check"),
            ("bin(4)", "'4' at column 18: expected pairs of hexadecimal digits"),
            ("bin(zz)", "'zz' at column 18: expected pairs of hexadecimal digits"),
            ("ipv4(::1)", "'::1' at column 19: expected an IPv4 address"),
            ("ipv4(01.2.3.4)", "'01.2.3.4' at column 19: expected an IPv4 address"),
            ("bool(2)", "'2' at column 19: expected true, false, 1 or 0"),
            (
                "path,hex,b64dec,add(1)",
                "'add' at column 30 takes a sample of type integer, and 'b64dec' gives one of type binary"
            ),
            (
                "ssl_fc,ipmask(8)",
                "'ipmask' at column 21 takes a sample of type IP address, and 'ssl_fc' gives one of type boolean"
            ),
        ])
    func refusals(text: String, expected: String) {
        let told = refusal(text)
        #expect(
            told == expected
                || told?.hasPrefix(expected + "; did you mean") == true && text == "nosuchthingatall"
                || told?.hasPrefix(expected) == true && text.contains("glitch"), "\(told ?? "nothing")")
    }

    @Test("what can not be had where the expression stands")
    func layers() {
        #expect(
            refusal("path", layers: .connection)
                == "'path' at column 14 is not known here: it needs a request")
        #expect(refusal("src", layers: .connection) == nil)
        #expect(refusal("int(5)", layers: []) == nil)
        #expect(
            refusal("base32+src", layers: [])
                == "'base32+src' at column 14 is not known here: it needs a connection and a request")
    }

    @Test(
        "no bytes make the reader trap",
        arguments: ["(", ")", ",", "((", "a(", "a()b", "\\", "a(\\", "a('", "\u{0}", "é(é)"])
    func total(text: String) { _ = refusal(text) }
}
