import COpenSSL
import Glibc
import Testing

@testable import Wire

@Suite("Stapled OCSP responses")
struct OCSPStapleTests {
    private let authority: TestAuthority
    private static var now: Int64 { TestAuthority.now }

    init() throws { authority = try TestAuthority() }

    /// A response about a certificate, in DER.
    private func response(
        about key: CertifiedKey, of issuer: TestAuthority? = nil, status: Int32 = V_OCSP_CERTSTATUS_GOOD,
        from: Int64 = -60, until: Int64? = 3_600, digest: OpaquePointer? = EVP_sha1()
    ) throws -> [UInt8] {
        let issuer = issuer ?? authority
        let subject = OCSP_cert_to_id(digest, key.leaf, issuer.certificate)
        guard let basic = Owned(OCSP_BASICRESP_new(), OCSP_BASICRESP_free),
            let id = Owned(subject, OCSP_CERTID_free)
        else { throw TLSSetupError.outOfMemory }
        let times = [from, until ?? 0].map { ASN1_GENERALIZEDTIME_set(nil, Int(Self.now + $0)) }
        defer { times.forEach { ASN1_STRING_free($0) } }
        let single = OCSP_basic_add1_status(
            basic.pointer, id.pointer, status, 0, times[0], times[0], until == nil ? nil : times[1])
        try #require(single != nil)
        try #require(
            OCSP_basic_sign(basic.pointer, issuer.certificate, issuer.key, EVP_sha256(), nil, 0) == 1)
        let whole = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.pointer)
        guard let made = Owned(whole, OCSP_RESPONSE_free) else { throw TLSSetupError.outOfMemory }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = i2d_OCSP_RESPONSE(made.pointer, &bytes)
        defer { CRYPTO_free(bytes, #file, #line) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(max(0, count))))
    }

    /// The same certificate with a response, and with its issuer behind it if wanted.
    private func stapled(
        _ pem: Keys.PEM, _ response: [UInt8], withIssuer: Bool = false, now: Int64 = now
    ) throws -> CertifiedKey {
        try CertifiedKey(
            chainPEM: pem.chain + (withIssuer ? authority.pem : []), keyPEM: pem.key, stapling: response,
            now: now)
    }

    private func error(_ key: CertifiedKey) -> OCSPError? {
        guard case .failure(let error)? = key.staple else { return nil }
        return error
    }

    private func made() throws -> (Keys.PEM, CertifiedKey) {
        let pem = try authority.issuePEM(["a.example"])
        return (pem, try CertifiedKey(chainPEM: pem.chain, keyPEM: pem.key))
    }

    @Test("it says which certificate it is about, and what it says can be read")
    func readable() throws {
        let (pem, key) = try made()
        let response = try response(about: key)
        guard case .success(let staple)? = try stapled(pem, response).staple else {
            return #expect(Bool(false), "it is not stapled")
        }
        let id = OCSP_cert_to_id(EVP_sha1(), key.leaf, authority.certificate)
        defer { OCSP_CERTID_free(id) }
        let subject = OCSPSubject(id)
        #expect(staple.subject == subject && staple.bytes == response)
        #expect(subject.der.first == 0x30 && subject.issuerName.count == 20 && subject.issuerKey.count == 20)
        #expect(!subject.serial.isEmpty)
        #expect(String(decoding: staple.text, as: UTF8.self).contains("OCSP Response Status: successful"))
    }

    @Test("a current one about the certificate is good, whether its issuer is known or not")
    func good() throws {
        let (pem, key) = try made()
        for digest in [EVP_sha1(), EVP_sha256()] {
            let response = try response(about: key, digest: digest)
            for withIssuer in [true, false] {
                let staple = try #require(try stapled(pem, response, withIssuer: withIssuer).staple).get()
                #expect(staple.nextUpdate - Self.now > 3_500)
            }
        }
        #expect(key.staple == nil)
        let revoked = try response(about: key, status: V_OCSP_CERTSTATUS_REVOKED)
        #expect(try error(stapled(pem, revoked)) == nil, "it is the client's to draw a consequence")
    }

    @Test("one about another certificate, or by another issuer, is not")
    func foreign() throws {
        let (pem, key) = try made()
        let other = try authority.issue("a.example")
        #expect(try error(stapled(pem, response(about: other))) == .otherCertificate)
        let namesake = try TestAuthority()
        let claimed = try response(about: key, of: namesake)
        #expect(try error(stapled(pem, claimed, withIssuer: true)) == .otherCertificate)
    }

    @Test("one that is over, to come, without an end or unknowing is not")
    func stale() throws {
        let (pem, key) = try made()
        #expect(try error(stapled(pem, response(about: key, from: -7_200, until: -1))) == .expired)
        let fresh = try response(about: key)
        #expect(try error(stapled(pem, fresh, now: Self.now + 4_000)) == .expired)
        #expect(try error(stapled(pem, response(about: key, from: 600))) == .notYetValid)
        #expect(try error(stapled(pem, response(about: key, from: 200))) == nil)
        #expect(try error(stapled(pem, response(about: key, until: nil))) == .withoutEnd)
        let unknown = try response(about: key, status: V_OCSP_CERTSTATUS_UNKNOWN)
        #expect(try error(stapled(pem, unknown)) == .unknownCertificate)
    }

    @Test("what is no response is told, whatever is in it, and the certificate serves all the same")
    func malformed() throws {
        let (pem, key) = try made()
        let good = try response(about: key)
        #expect(try error(stapled(pem, [])) == .malformed)
        #expect(try error(stapled(pem, Array("HTTP/1.1 404".utf8))) == .malformed)
        // SEQUENCE { ENUMERATED tryLater }
        #expect(try error(stapled(pem, [0x30, 0x03, 0x0A, 0x01, 0x03])) == .refused(3))
        #expect(try error(stapled(pem, [UInt8](repeating: 0x30, count: 65_537))) == .tooBig)
        for count in stride(from: 0, to: good.count, by: 7) {
            #expect(try error(stapled(pem, Array(good[..<count]))) != nil)
        }
        for i in stride(from: 0, to: good.count, by: 3) {
            var broken = good
            broken[i] ^= 0x41
            #expect(try stapled(pem, broken).subjectNames == ["a.example"])
        }
    }

    // MARK: Handshakes

    /// What a client that asks is shown.
    private func shown(
        _ keys: [CertifiedKey], asks: Bool = true, versions: ClosedRange<Int32>, ciphers: String? = nil
    ) throws -> [UInt8]? {
        let context = try TLSContext(
            certificates: CertificateTable(defaultKeys: keys), ticketKeys: TicketKeys(now: 0))
        var options = ClientOptions(versions: versions)
        if let ciphers { options.ciphers12 = ciphers }
        let pair = try TLSPair(context, options)
        if asks { SSL_ctrl(pair.client, SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE, 1, nil) }
        #expect(pair.handshake() == .done)
        var bytes: UnsafePointer<UInt8>?
        let count = SSL_ctrl(pair.client, SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, &bytes)
        guard count > 0, let bytes else { return nil }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    @Test(
        "clients that ask are shown it, others are not",
        arguments: [TLS1_2_VERSION...TLS1_2_VERSION, TLS1_3_VERSION...TLS1_3_VERSION])
    func handshake(versions: ClosedRange<Int32>) throws {
        let (pem, key) = try made()
        let response = try response(about: key)
        let serving = try stapled(pem, response)
        #expect(try shown([serving], versions: versions) == response)
        #expect(try shown([serving], asks: false, versions: versions) == nil)
        #expect(try shown([key], versions: versions) == nil)
        let foreign = try stapled(pem, self.response(about: authority.issue("b.example")))
        #expect(try shown([foreign], versions: versions) == nil)
    }

    @Test("one that has expired since it was read is shown no longer")
    func expiresWhileServing() throws {
        let (pem, key) = try made()
        let old = try response(about: key, from: -7_200, until: -10)
        let serving = try stapled(pem, old, now: Self.now - 3_600)
        #expect(error(serving) == nil)
        #expect(try shown([serving], versions: TLS1_3_VERSION...TLS1_3_VERSION) == nil)
    }

    @Test("of two certificates of a name the response is the one's that is served")
    func twoKeys() throws {
        let (pem, key) = try made()
        let response = try response(about: key)
        let both = [try stapled(pem, response), try Keys.rsa("a.example")]
        let versions = TLS1_2_VERSION...TLS1_2_VERSION
        #expect(try shown(both, versions: versions, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256") == response)
        #expect(try shown(both, versions: versions, ciphers: "ECDHE-RSA-AES128-GCM-SHA256") == nil)
    }

    @Test("another response can be stapled to a certificate that is served, and a bad one can not")
    func replaced() throws {
        let (key, other) = (try authority.issue("a.example"), try authority.issue("b.example"))
        let stapled = try #require(try key.stapling(response(about: key)))
        guard case .success? = stapled.staple else {
            Issue.record("nothing is stapled")
            return
        }
        #expect(stapled.leaf == key.leaf && stapled.subjectNames == key.subjectNames)
        #expect(throws: OCSPError.otherCertificate) { try key.stapling(response(about: other)) }
        #expect(throws: OCSPError.expired) { try key.stapling(response(about: key, from: -120, until: -60)) }
        #expect(throws: OCSPError.malformed) { try key.stapling([1, 2, 3]) }
    }
}
