import Testing

@testable import Admin

@Suite("Lists of certificates at run time")
struct CertificateListCommandsTests {
    private func told(_ words: [String]) -> String? {
        let entries: [RuntimeFacts.CertificateList.Entry] = [
            .init(line: 2, certificate: "/a.pem", options: nil, names: []),
            .init(line: 4, certificate: "/b.pem", options: ["alpn", "h2"], names: ["b.test", "!x.b.test"]),
        ]
        let commands = CertificateListCommands(
            engine: nil, transactions: CertificateTransactions(),
            lists: { [.init(path: "/list", entries: entries)] }, keep: { _ in }, read: nil
        ).commands
        let show = commands.first { $0.usage.hasPrefix("show ssl crt-list") }
        return show?.run(RuntimeCall(words: words, payload: nil, level: .admin))
    }

    @Test("they are named, and shown line by line")
    func show() {
        #expect(told([]) == "/list\n")
        #expect(told(["/list"]) == "# /list\n/a.pem\n/b.pem [alpn h2] b.test !x.b.test\n")
        #expect(told(["-n", "/list"]) == "# /list\n/a.pem:2\n/b.pem:4 [alpn h2] b.test !x.b.test\n")
        #expect(told(["/none"]) == "didn't find the specified filename\n")
    }
}
