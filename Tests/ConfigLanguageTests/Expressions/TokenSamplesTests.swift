import Model
import Testing

@testable import ConfigLanguage

@Suite("Tokens and hashes in expressions")
struct TokenSamplesTests {
    private func converter(_ text: String) throws -> Converter? {
        var surroundings = Surroundings.nothing
        let files = ["/key.pem": [7], "/cert.pem": Array("x\n-----BEGIN CERTIFICATE-----\n".utf8)]
        surroundings.read = { files[$0].map { .file($0) } ?? .unreadable("no such file") }
        surroundings.isDigest = { $0.lowercased() == "sha256" }
        let reader = ExpressionReader(surroundings, layers: [])
        return try reader.expression(Word("str(a),\(text)")).converters.first
    }

    @Test(
        "they are read, and printed as they are read",
        arguments: [
            "json_query($.a.b[0])", "json_query($.n,int)", "jwt_header_query($.alg)", "jwt_payload_query",
            "jwt_payload_query($.exp,int)", "jwt_verify(HS256,secret)", "jwt_verify(txn.alg,txn.key)",
            "jwt_verify_cert(RS256,/cert.pem)", "jwt_verify_cert(txn.alg,/cert.pem)",
            "jwt_verify(RS256,/key.pem)", "digest(sha256)", "hmac(sha256,a2V5)", "hmac(sha256,txn.key)",
            "secure_memcmp(txn.key)", "ltime(%H:%M)", "utime(%Y,-60)",
        ])
    func round(text: String) throws {
        let converter = try #require(try converter(text))
        #expect(converter.description == text)
    }

    @Test(
        "first bytes are read, and printed as they are read",
        arguments: [
            "req.payload(0,7)", "req.payload(2,0)", "req.payload_lv(0,2)", "req.payload_lv(0,2,+1)",
            "req.payload_lv(0,2,-1)", "req.payload_lv(0,2,5)", "req.payload_lv(0,2,0)", "req.len",
        ])
    func payload(text: String) throws {
        let reader = ExpressionReader(.nothing, layers: .payload)
        #expect(try reader.expression(Word(text)).description == text)
        #expect(throws: Refusal.self) {
            try ExpressionReader(.nothing, layers: [.connection, .request]).expression(Word(text))
        }
    }

    @Test(
        "smaller samples are read, and printed as they are read",
        arguments: [
            "res.cook(a)", "res.cook", "res.cook_val(a)", "res.cook_cnt", "uuid", "uuid(7)", "req.hdr_cnt",
            "req.fhdr_cnt", "req.hdr_cnt(x)", "req.body", "req.body_param(x)", "fc_err_str", "ssl_fc_err_str",
        ])
    func smaller(text: String) throws {
        let reader = ExpressionReader(.nothing, layers: [.connection, .request, .body, .response])
        #expect(try reader.expression(Word(text)).description == text)
    }

    @Test(
        "what passing clients offer is read, and printed as it is read",
        arguments: [
            "req.ssl_cipherlist,hex", "req.ssl_supported_groups,be2dec(-,2)", "req.ssl_sigalgs,hex",
            "req.ssl_keyshare_groups",
            "req.ssl_ec_ext", "req.ssl_st_ext",
        ])
    func offers(text: String) throws {
        #expect(try ExpressionReader(.nothing, layers: .hello).expression(Word(text)).description == text)
    }

    @Test("versions of names that there are not", arguments: ["uuid(5)", "uuid(x)"])
    func versions(text: String) {
        #expect(throws: Refusal.self) { try ExpressionReader(.nothing, layers: []).expression(Word(text)) }
    }

    @Test("a public key's file is read with the configuration, and no file of a secret's name")
    func keys() throws {
        guard case .verifyToken(let check) = try converter("jwt_verify(RS256,/key.pem)") else {
            Issue.record("something else")
            return
        }
        #expect(check.publicKeyPEM == [7])
        guard case .verifyToken(let other) = try converter("jwt_verify(HS256,/key.pem)") else {
            Issue.record("something else")
            return
        }
        #expect(other.publicKeyPEM.isEmpty)
    }

    @Test("sha1 and sha2 are hashes of OpenSSL's")
    func names() throws {
        #expect(try converter("sha1") == .digest("sha1"))
        #expect(try converter("sha2") == .digest("sha256"))
        #expect(try converter("sha2(512)") == .digest("sha512"))
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            "json_query", "json_query(a)", "json_query($.a,str)", "jwt_verify", "jwt_verify(HS256)",
            "jwt_verify_cert(HS256,/cert.pem)", "jwt_verify_cert(RS256,/key.pem)",
            "jwt_verify_cert(RS256,/none.pem)",
            "jwt_verify_cert(RS256)", "protobuf", "protobuf(0)", "protobuf(1..2)", "protobuf(a)",
            "ungrpc(1,string)",
            "protobuf(1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1)", "protobuf(536870912)", "json(utf7)",
            "jwt_verify(HS257,a)", "jwt_verify(RS256,/none.pem)", "sha2(7)", "digest", "digest(nothing)",
            "hmac(sha256)", "secure_memcmp",
        ])
    func wrong(text: String) { #expect(throws: Refusal.self) { try converter(text) } }
}
