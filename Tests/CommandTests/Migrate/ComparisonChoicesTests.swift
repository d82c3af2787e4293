import Testing

@testable import Command

@Suite("What --compare is told")
struct ComparisonChoicesTests {
    private func choices(_ line: String, _ environment: [String: String] = [:]) throws -> ComparisonChoices? {
        let words = ["migrate"] + line.split(separator: " ").map(String.init)
        guard case .run(let arguments) = try Arguments.parse(words, environment: environment) else {
            return nil
        }
        return try ComparisonChoices(arguments)
    }

    @Test(
        "two words are the two proxies, however they are given",
        arguments: [
            ("--compare http://a https://b:1 x", [:]), ("--compare=http://a:80/ https://b:1", [:]),
            ("", ["SLUICE_COMPARE": "http://a,https://b:1"]),
        ] as [(String, [String: String])])
    func addresses(line: String, environment: [String: String]) throws {
        let read = try #require(try choices(line, environment))
        #expect("\(read.first) \(read.second)" == "http://a:80 https://b:1")
        #expect(read.milliseconds == 10_000 && !read.isInsecure)
    }

    @Test(
        "what is no address of a proxy is refused",
        arguments: [
            "a:80", "ftp://a", "http://", "http://a:0", "http://a:x", "http://a/x", "http://a b",
            "http://[::1", "http://u@a",
        ])
    func refused(text: String) {
        #expect(ProxyAddress(text) == nil)
    }

    @Test("an IPv6 address stands in brackets, and ports are the scheme's")
    func defaults() {
        #expect(ProxyAddress("https://[::1]")?.address == "[::1]:443")
        #expect(ProxyAddress("http://[::1]:81/")?.address == "[::1]:81")
    }

    @Test(
        "flags that contradict each other are refused",
        arguments: [
            "--requests x", "--compare http://a --compare https://b:1", "--insecure", "--compare http://a",
            "--compare http://a http://b --write x",
            "--compare http://a http://b -o html", "--compare http://a http://b --header x",
            "--compare http://a http://b --compare http://a http://b",
        ])
    func conflicts(line: String) {
        #expect(throws: UsageError.self) { try choices(line) }
    }

    @Test("without it nothing is compared")
    func absent() throws {
        #expect(try choices("x -o html") == nil)
    }
}
