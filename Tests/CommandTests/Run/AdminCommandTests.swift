import Testing

@testable import Command

@Suite("The command line of the runtime API")
struct AdminCommandTests {
    private func request(_ words: String..., input: String = "") -> String {
        String(decoding: AdminCommand.request(words) { Array(input.utf8) }, as: UTF8.self)
    }

    @Test("words are one line")
    func line() {
        #expect(request("show", "info") == "show info\n")
        #expect(request("show info; show stat") == "show info; show stat\n")
    }

    @Test("what stands behind a line that asks for it ends with an empty line")
    func payload() {
        #expect(
            request("set", "ssl", "cert", "a.pem", "<<", input: "A\nB\n") == "set ssl cert a.pem <<\nA\nB\n\n"
        )
        #expect(request("set map x <<", input: "a b") == "set map x <<\na b\n\n")
        #expect(request("set map x <<") == "set map x <<\n\n\n")
    }

    @Test("an answer tells whether there is such a command")
    func unknown() {
        #expect(AdminCommand.isUnknown(Array("Unknown command. Please\n".utf8)))
        #expect(!AdminCommand.isUnknown(Array("Name: Sluice\n".utf8)))
        #expect(!AdminCommand.isUnknown([]))
    }
}
