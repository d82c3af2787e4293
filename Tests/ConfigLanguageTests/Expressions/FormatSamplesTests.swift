import Model
import Testing

@testable import ConfigLanguage

@Suite("Converters about formats in the configuration language")
struct FormatSamplesTests {
    private func file(_ converters: String) -> String {
        "frontend f\n mode http\n bind :80\n http-request set-var(txn.x) 'req.hdr(x),\(converters)'\n"
    }

    private func told(_ converters: String) -> String {
        read(file(converters)).diagnostics.first { $0.severity == .error }?.message ?? ""
    }

    @Test(
        "what is read is written in the same way",
        arguments: [
            "b64dec,mqtt_is_valid", "b64dec,mqtt_field_value(connect,username)",
            "b64dec,mqtt_field_value(connack,reason_code)", "b64dec,mqtt_field_value(connect,17)",
            "be2dec(:,2)", "be2dec(:,2,1)", "le2dec(-,8)", "be2hex(:,2)", "cut_crlf", "param(a)",
            "param(a,;)", "add_item(;,txn.a)", "add_item(\",\",,x)", "add_item(;,txn.a,x)",
            "b64dec,aes_gcm_dec(128,txn.n,txn.k,txn.t)", "aes_gcm_enc(256,AAAA,txn.k,txn.t,Zm9v)",
            "aes_cbc_enc(192,txn.n,txn.k)", "aes_cbc_dec(128,txn.n,AAAA)",
        ])
    func converters(text: String) {
        let first = read(file(text))
        #expect(first.diagnostics.filter { $0.severity == .error } == [])
        let printed = first.printed.text
        #expect(printed.contains("req.hdr(x),\(text)"), "\(printed)")
        #expect(RoundTrip.differences(first, read(printed)) == [], "\(printed)")
    }

    @Test(
        "what is wrong is told",
        arguments: [
            ("mqtt_field_value(publish,flags)", "connect or connack"),
            ("mqtt_field_value(connect,reason_code)", "client_identifier"),
            ("mqtt_field_value(connack,24)", "the number of a property"), ("be2dec(:)", "how many bytes"),
            ("be2dec(:,9)", "1 to 8"), ("aes_gcm_dec(129,txn.n,txn.k,txn.t)", "128, 192 or 256"),
            ("aes_gcm_enc(128,txn.n,txn.k,Zm9v)", "a variable for the tag"),
            ("add_item(;)", "a variable or a text"), ("param", "a name"),
        ])
    func wrong(text: String, message: String) {
        #expect(told(text).contains(message), "\(told(text))")
    }

    @Test("variables of the process are read with the file")
    func environment() throws {
        let text = read(
            "global\n setenv A_NAME x\nfrontend f\n mode http\n bind :80\n"
                + " http-request set-var(txn.x) env(A_NAME)\n http-request set-var(txn.y) env(NO_SUCH_NAME)\n"
        )
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        let actions = try #require(text.configuration.frontends.first).rules.request.map(\.action)
        let values = actions.map { action -> Fetch? in
            guard case .variable(.set(_, _, let expression)) = action else { return nil }
            return expression.fetch
        }
        #expect(values == [.string(Array("x".utf8)), .string([])])
    }

    @Test("dates and plain hexadecimal digits are other converters")
    func aliases() {
        #expect(told("http_date") == "" && told("http_date(60)") == "" && told("be2hex") == "")
    }
}
