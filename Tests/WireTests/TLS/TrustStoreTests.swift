import COpenSSL
import Testing

@testable import Wire

@Suite("Trusted authorities")
struct TrustStoreTests {
    private func failure(_ certificates: [UInt8], _ revocations: [UInt8] = []) -> TrustError? {
        do throws(TrustError) {
            _ = try TrustStore(certificatesPEM: certificates, revocationsPEM: revocations)
            return nil
        } catch {
            return error
        }
    }

    @Test("several certificates and other blocks among them are read")
    func several() throws {
        let (one, two) = (try TestAuthority("One"), try TestAuthority("Two"))
        let pem = Array("# a comment\n".utf8) + one.pem + (try one.issuePEM(["a"]).key) + two.pem + one.pem
        let store = try TrustStore(certificatesPEM: pem)
        #expect(OPENSSL_sk_num(store.subjects) == 3)
        #expect(failure(one.pem + (try one.revocations(of: []))) == nil, "lists may stand among them")
    }

    @Test("what can not be used is refused by name")
    func refused() throws {
        let authority = try TestAuthority()
        #expect(failure([]) == .noCertificate)
        #expect(failure(Array("nothing".utf8)) == .noCertificate)
        #expect(failure(try authority.issuePEM(["a"]).key) == .noCertificate)
        #expect(failure(authority.pem.dropLast(30) + []) == .malformedPEM)
        let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        #expect(failure(authority.pem + Array(text.utf8)) == .malformedCertificate(2))
        let list = text.split(separator: "\n").joined(separator: "\n").replacing(
            "CERTIFICATE", with: "X509 CRL")
        #expect(failure(authority.pem, Array((list + "\n").utf8)) == .malformedRevocationList(1))
        #expect(failure(authority.pem, authority.pem) == .noRevocationList)
        #expect(failure([UInt8](repeating: 10, count: TrustStore.maximumBytes + 1)) == .tooBig)
    }
}
