import Synchronization
import Testing
import Wire

@testable import Admin

@Suite("Responses of OCSP at run time")
struct StapleCommandsTests {
    private func told(_ words: [String], _ payload: String? = nil, _ error: OCSPError? = nil) -> (
        String?, [UInt8]?
    ) {
        let given = Mutex<[UInt8]?>(nil)
        let commands = StapleCommands(staple: { bytes in
            given.withLock { $0 = bytes }
            return error
        }).commands
        let call = RuntimeCall(words: words, payload: payload.map { Array($0.utf8) }, level: .admin)
        return (commands.first?.run(call), given.withLock { $0 })
    }

    @Test("without any there are no lines, and no certificate is found")
    func none() throws {
        let show = try #require(StapleCommands(staple: { _ in nil }).commands.last)
        func told(_ words: String...) -> String? {
            show.run(RuntimeCall(words: words, payload: nil, level: .admin))
        }
        #expect(told() == "# Certificate IDs\n")
        #expect(told("text") == "'show ssl ocsp-response [text|base64]' expects a valid certid.\n")
        #expect(told("base64", "30ab") == "Certificate ID or path does not match any certificate.\n")
        #expect(told("a.pem") == "'show ssl ocsp-response' expects a valid certid or certificate path.\n")
    }

    @Test("they come as a word, or as a payload of lines")
    func given() {
        #expect(told(["AQID"]) == ("OCSP Response updated!\n", [1, 2, 3]))
        #expect(told([], "AQ\nID\n") == ("OCSP Response updated!\n", [1, 2, 3]))
    }

    @Test("what is wrong is told in HAProxy's words")
    func refused() {
        #expect(told([]).0 == "'set ssl ocsp-response' expects response in base64 encoding.\n")
        #expect(told(["%"]).0 == "'set ssl ocsp-response' received invalid base64 encoded response.\n")
        #expect(told(["AAAA"], nil, .malformed).0 == "Unable to parse OCSP response.\n")
        let other = "OCSP single response: Certificate ID does not match any certificate or issuer.\n"
        #expect(told(["AAAA"], nil, .otherCertificate).0 == other)
    }
}
