import Model
import Testing

@testable import ConfigLanguage

@Suite("Samples of exchanges, connections and frontends in the configuration language")
struct ExchangeSamplesTests {
    private func read(_ text: String, layers: SampleLayers = SampleLayers(rawValue: .max)) throws(Refusal)
        -> Expression
    {
        try ExpressionReader(isPattern: { _ in true }, layers: layers).expression(Word(text, column: 1))
    }

    private func same(_ one: String, _ other: String) throws(Refusal) -> Bool {
        let one = try read(one)
        return try one == read(other)
    }

    private func refusal(_ text: String, layers: SampleLayers = SampleLayers(rawValue: .max)) -> String? {
        do {
            _ = try read(text, layers: layers)
            return nil
        } catch {
            return error.sentence
        }
    }

    @Test("each fact has one name, and its text is read again", arguments: ExchangeFact.allCases)
    func facts(fact: ExchangeFact) throws {
        let expression = try read(fact.rawValue)
        #expect(expression.fetch == .ofExchange(fact) && expression.description == fact.rawValue)
        #expect(expression.output == fact.output && expression.needs == fact.needs)
        #expect(KnownSamples.fetches.contains(fact.rawValue))
    }

    @Test(
        "texts are read again",
        arguments: [
            "fc_rtt", "fc_rtt(us)", "bc_rttvar(us)", "fc_lost", "date(0,ms)", "date(,us)", "date(-5,ms)",
            "accept_date",
            "accept_date(us)", "request_date(ms)", "req.hdrs", "res.hdrs_bin", "res.hdr_names",
            "res.hdr_names(|)",
            "req.cook_names(+)", "res.ver", "url_ip", "url_port", "str(x),rfc7239_is_valid",
            "str(x),rfc7239_field(by)",
            "str(x),rfc7239_n2nn,rfc7239_nn", "int(1),rfc7239_np", "str(x),language(fr;en)",
            "str(x),language(fr,en)",
            "int(1),ms_ltime(%H:%M:%S.%3N)", "int(1),us_utime(%s,-60)", "int(1),http_date(5,ms)",
            "int(1),http_date(0,us)", "str(x),xxh3", "str(x),xxh3(-7)",
        ])
    func again(text: String) throws {
        let expression = try read(text)
        let again = try read(expression.description)
        #expect(again == expression)
    }

    @Test("what means the same is the same")
    func same() throws {
        #expect(try same("date(7,s)", "date(7)"))
        #expect(try read("date(7,s)").fetch == .date(offset: 7))
        #expect(try same("fc_rtt(ms)", "fc_rtt"))
        #expect(try same("resp_ver", "res.ver"))
        #expect(try same("accept_date(s)", "accept_date"))
    }

    @Test(
        "types are known when the line is read",
        arguments: [
            ("bc_src,add(1)", "IP address"), ("ssl_bc_session_id,add(1)", "binary"),
            ("ssl_bc,ipmask(8)", "boolean"),
            ("req.hdrs_bin,add(1)", "binary"), ("ssl_bc_is_resumed,ipmask(8)", "boolean"),
        ])
    func types(text: String, type: String) throws {
        // An address or a row of bytes is no number.
        let found = refusal(text)
        if text.hasPrefix("bc_src") {
            #expect(found == nil)
        } else {
            #expect(found?.contains("gives one of type \(type)") == true, "\(found ?? "")")
        }
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("fc_rtt(s)", "us or ms"), ("accept_date(x)", "s, ms or us"), ("date(x)", "a whole number"),
            ("date(0,m)", "s, ms or us"), ("fc_lost(us)", "us"), ("act_conn(1)", "1"), ("req.hdrs(x)", "x"),
            ("str(x),rfc7239_field", "for, by, host or proto"),
            ("str(x),rfc7239_field(x)", "for, by, host or proto"),
            ("str(x),language", "languages"), ("int(1),ms_ltime", "a format"),
            ("int(1),us_utime(x,9999999999999999)", "too much"),
            ("int(1),http_date(0,m)", "s, ms or us"), ("str(x),rfc7239_is_valid,ipmask(8)", "boolean"),
            ("res.hdr_names(xx)", "a single byte"), ("bc_unacked", "bc_unacked"),
            ("accept_date(0,ms)", "s, ms or us"),
        ])
    func wrong(text: String, words: String) {
        #expect(refusal(text)?.contains(words) == true, "\(refusal(text) ?? "read")")
    }

    @Test("what is known of servers is not known of requests")
    func layers() {
        for text in ["bc_dst", "ssl_bc", "srv_id", "bc_rtt", "txn.redispatched", "res.hdrs", "be_id"] {
            #expect(refusal(text, layers: [.connection, .request])?.contains("is not known here") == true)
        }
        for text in [
            "act_conn", "pid", "date(0,ms)", "fe_id", "req.hdrs", "fc_rtt", "req.timer.tq", "bytes_in",
        ] {
            #expect(refusal(text, layers: [.connection, .request]) == nil)
        }
    }

    @Test("frontends are looked up by name, wherever they stand")
    func frontends() {
        let head =
            "frontend f\n mode http\n bind :80\n http-request deny if { %@ gt 1 }\nfrontend late\n mode http\n bind :81\n"
        func errors(_ text: String) -> [String] {
            ConfigLanguageTests.read(text).diagnostics.filter { $0.severity == .error }.map(\.message)
        }
        func file(_ sample: String) -> String {
            head.split(separator: "%@").joined(separator: sample)
        }
        for sample in ["fe_conn", "fe_conn(late)", "fe_req_rate(f)", "fe_sess_rate"] {
            #expect(errors(file(sample)) == [])
        }
        #expect(errors(file("fe_conn(lat)")).first?.contains("did you mean 'late'?") == true)
        #expect(errors("backend b\n mode http\n http-request deny if { fe_conn gt 1 }\n").count == 1)
    }

    @Test("whatever HAProxy has and is not here is refused with its reason")
    func absent() {
        for name in KnownSamples.fetches.subtracting(FetchTable.byName.keys) {
            #expect(AbsentSamples.reason(name) != nil, "\(name)")
            #expect(refusal(name)?.contains("exists in HAProxy") == true)
        }
        for name in KnownSamples.converters.subtracting(ConverterTable.byName.keys) {
            #expect(AbsentSamples.reason(name) != nil, "\(name)")
        }
    }

    @Test("the server's certificate is read like others")
    func certificates() throws {
        #expect(try read("ssl_s_s_dn(CN)").needs == .server)
        #expect(try read("ssl_c_s_dn(CN)").needs == .connection)
        #expect(try read("ssl_s_serial,hex").description == "ssl_s_serial,hex")
    }
}
