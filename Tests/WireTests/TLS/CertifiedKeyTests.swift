import COpenSSL
import Testing

@testable import Wire

@Suite("Certified keys")
struct CertifiedKeyTests {
    private static func text(_ string: String) -> [UInt8] { Array(string.utf8) }

    private func failure(_ chain: [UInt8], _ key: [UInt8]) -> CertificateError? {
        do throws(CertificateError) {
            _ = try CertifiedKey(chainPEM: chain, keyPEM: key)
            return nil
        } catch {
            return error
        }
    }

    private func leaf(_ names: String...) throws -> GeneratedAuthority.Leaf {
        try GeneratedAuthority(commonName: "Test CA", now: Keys.now).issue(names: names, now: Keys.now)
    }

    @Test("a chain and its key are read with names and validity")
    func read() throws {
        let leaf = try leaf("A.Example", "*.a.example", "192.0.2.7")
        let key = try CertifiedKey(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM)
        #expect(key.keyType == .ecdsa)
        #expect(key.subjectNames == ["a.example", "*.a.example"])
        #expect(key.notBefore == Keys.now - 3600)
        #expect(key.notAfter == Keys.now + 397 * 86_400)
        #expect(OPENSSL_sk_num(key.chain) == 1)
    }

    @Test("blocks in any order and text between them do not matter")
    func order() throws {
        let leaf = try leaf("a.example")
        let other = Self.text("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n")
        let everything =
            Self.text("a note\r\n\r\n") + leaf.keyPEM + other + Self.text("subject=x\n") + leaf.chainPEM
        let key = try CertifiedKey(chainPEM: everything, keyPEM: everything)
        #expect(key.subjectNames == ["a.example"])
    }

    @Test("line ends of Windows are read")
    func carriageReturns() throws {
        let leaf = try leaf("a.example")
        func windows(_ pem: [UInt8]) -> [UInt8] { pem.flatMap { $0 == 10 ? [13, 10] : [$0] } }
        #expect(failure(windows(leaf.chainPEM), windows(leaf.keyPEM)) == nil)
    }

    @Test("without alternative names the common name counts, if it is a host name")
    func commonName() throws {
        #expect(
            try SelfSigned.make(commonName: "Old.Example", names: [], now: 0).subjectNames == ["old.example"])
        #expect(try SelfSigned.make(commonName: "Some Company", names: [], now: 0).subjectNames == [])
        #expect(
            try SelfSigned.make(commonName: "cn.example", names: ["b.example"], now: 0).subjectNames == [
                "b.example"
            ])
    }

    @Test(
        "names that no client can ask for are left out", arguments: ["a\0.example", "a b", "ä.example", ""])
    func hostileNames(name: String) throws {
        let key = try SelfSigned.make(commonName: "CN", names: [name, "good.example"], now: 0)
        #expect(key.subjectNames == ["good.example"])
    }

    @Test("chains of one issuer share its certificate, however many issuers there are")
    func sharedIssuers() throws {
        let authority = try GeneratedAuthority(commonName: "Test CA", now: Keys.now)
        let leaf = try authority.issue(names: ["a.example"], now: Keys.now)
        // Tests beside this one may empty the cache between two.
        let keys = try (0..<20).map { _ in try CertifiedKey(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM) }
        #expect(Set(keys.map { OPENSSL_sk_value($0.chain, 0) }).count < 10)
        var cache = IssuerCache()
        guard let kept = Owned(X509_new(), X509_free) else { throw CertificateError.generationFailed }
        for i in 0..<200 { cache.remember(kept, of: [UInt8(i)]) }
        func isKnown(_ byte: UInt8) -> Bool { cache.certificate(of: [byte])?.pointer == kept.pointer }
        #expect(isKnown(199))
        #expect(!isKnown(0))
    }

    @Test("an expired certificate is served all the same")
    func expired() throws {
        let key = try SelfSigned.make(commonName: "a.example", names: [], now: 0)
        #expect(key.notAfter == 315_360_000)
    }

    @Test("a private key in each of its traditional forms is read")
    func traditionalForms() throws {
        let rsa = try Keys.pem(key: Keys.rsaKey())
        let ec = try Keys.pem(key: Keys.ecKey(curve: NID_secp384r1))
        #expect(failure(rsa.chain, try Self.traditional(rsa.key)) == nil)
        #expect(failure(ec.chain, try Self.traditional(ec.key)) == nil)
        #expect(
            String(decoding: try Self.traditional(ec.key), as: UTF8.self).contains("BEGIN EC PRIVATE KEY"))
    }

    @Test("what is missing is named")
    func missing() throws {
        let leaf = try leaf("a.example")
        #expect(failure([], leaf.keyPEM) == .noCertificate)
        #expect(failure(leaf.keyPEM, leaf.keyPEM) == .noCertificate)
        #expect(failure(leaf.chainPEM, []) == .noKey)
        #expect(failure(leaf.chainPEM, leaf.chainPEM) == .noKey)
        #expect(failure(Self.text("hello"), Self.text("world")) == .noCertificate)
        #expect(failure(leaf.chainPEM, try self.leaf("a.example").keyPEM) == .keyDoesNotMatch)
    }

    @Test("what is damaged is named")
    func damaged() throws {
        let leaf = try leaf("a.example")
        let notBase64 = Self.text("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n")
        let notDER = Self.text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        let notKey = Self.text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
        #expect(failure(notBase64, leaf.keyPEM) == .malformedChainPEM)
        #expect(failure(Array(leaf.chainPEM.dropLast(40)), leaf.keyPEM) == .malformedChainPEM)
        #expect(failure(notDER, leaf.keyPEM) == .malformedCertificate(1))
        #expect(failure(leaf.chainPEM + notDER, leaf.keyPEM) == .malformedCertificate(3))
        #expect(failure(leaf.chainPEM, Array(leaf.keyPEM.dropLast(40))) == .malformedKeyPEM)
        #expect(failure(leaf.chainPEM, notKey) == .malformedKey)
        #expect(failure([UInt8](repeating: 10, count: CertifiedKey.maximumBytes + 1), leaf.keyPEM) == .tooBig)
    }

    @Test("an encrypted key is refused without asking anybody for a password")
    func encrypted() throws {
        let leaf = try leaf("a.example")
        #expect(failure(leaf.chainPEM, try Self.encrypted(leaf.keyPEM)) == .encryptedKey)
        let traditional = """
            -----BEGIN RSA PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF

            AAAA
            -----END RSA PRIVATE KEY-----
            """
        #expect(failure(leaf.chainPEM, Self.text(traditional)) == .encryptedKey)
    }

    @Test("keys clients would refuse are refused here")
    func weak() throws {
        let short = try Keys.pem(key: Keys.rsaKey(bits: 1024))
        #expect(failure(short.chain, short.key) == .weakKey(bits: 1024))
        let curve = try Keys.pem(key: Keys.ecKey(curve: NID_secp256k1))
        #expect(failure(curve.chain, curve.key) == .unsupportedKeyType("ECDSA on secp256k1"))
        let ed448 = try Keys.pem(key: Keys.plainKey(EVP_PKEY_ED448), digest: nil)
        #expect(failure(ed448.chain, ed448.key) == .unsupportedKeyType("ED448"))
        let sha1 = try Keys.pem(key: Keys.rsaKey(), digest: EVP_sha1(), issuedBy: "An Old CA")
        #expect(failure(sha1.chain, sha1.key) == .weakCertificate(1))
        let leaf = try leaf("a.example")
        #expect(failure(leaf.chainPEM + sha1.chain, leaf.keyPEM) == .weakCertificate(3))
    }

    @Test("every reason reads as a phrase and shows nothing of the key")
    func descriptions() throws {
        let leaf = try leaf("a.example")
        let key = try CertifiedKey(chainPEM: leaf.chainPEM, keyPEM: leaf.keyPEM)
        #expect("\(key)" == "ecdsa certificate for a.example until \(key.notAfter)")
        #expect(
            "\(CertificateError.weakKey(bits: 1024))"
                == "an RSA key of 1024 bits is too weak; 2048 is the least")
        #expect("\(leaf)" == "certificate (\(leaf.chainPEM.count) bytes, key withheld)")
    }

    @Test("bytes changed anywhere never end the process")
    func mutations() throws {
        let leaf = try leaf("a.example")
        var random = SplitMix(state: 7)
        for _ in 0..<400 {
            var chain = leaf.chainPEM
            var key = leaf.keyPEM
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                chain[Int.random(in: chain.indices, using: &random)] = .random(in: 0...255, using: &random)
                key[Int.random(in: key.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = failure(chain, leaf.keyPEM)
            _ = failure(leaf.chainPEM, key)
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test("arbitrary bytes inside a certificate block never end the process")
    func arbitraryBlocks() throws {
        let leaf = try leaf("a.example")
        var random = SplitMix(state: 11)
        for round in 0..<300 {
            let bytes = (0..<(round * 2)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let chain = Self.block("CERTIFICATE", bytes)
            #expect(failure(chain, leaf.keyPEM) != nil)
            #expect(failure(leaf.chainPEM, Self.block("PRIVATE KEY", bytes)) != nil)
            _ = failure(bytes, bytes)
        }
    }

    // MARK: Making inputs

    private static func block(_ label: String, _ bytes: [UInt8]) -> [UInt8] {
        writing { bio in PEM_write_bio(bio, label, "", bytes, bytes.count) > 0 }
    }

    private static func traditional(_ keyPEM: [UInt8]) throws -> [UInt8] {
        let key = try CertifiedKey.readKey(keyPEM)
        return writing { PEM_write_bio_PrivateKey_traditional($0, key.pointer, nil, nil, 0, nil, nil) == 1 }
    }

    private static func encrypted(_ keyPEM: [UInt8]) throws -> [UInt8] {
        let key = try CertifiedKey.readKey(keyPEM)
        let password = Array("secret".utf8)
        return writing {
            PEM_write_bio_PKCS8PrivateKey(
                $0, key.pointer, EVP_aes_256_cbc(), password.map(CChar.init), Int32(password.count), nil, nil)
                == 1
        }
    }

    private static func writing(_ body: (OpaquePointer?) -> Bool) -> [UInt8] {
        let bio = BIO_new(BIO_s_mem())
        defer { BIO_free(bio) }
        guard body(bio) else { return [] }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        BIO_read(bio, &bytes, Int32(bytes.count))
        return bytes
    }
}

/// A small random generator, so that failures repeat.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
