import Model
import Testing

@testable import ConfigLanguage

@Suite("User lists in the configuration language")
struct UserListDirectivesTests {
    private func told(_ text: String, line: Int) -> String? {
        read(text).diagnostics.first { $0.location?.line == line && $0.severity == .error }?.message
    }

    @Test("users, passwords and groups, named from either side")
    func lists() {
        let text = read(
            """
            userlist people
             group admins users a,b
             group readers
             user a insecure-password secret groups readers
             user b password $5$x$y
             user c
            """)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        var expected = UserList("people")
        expected.users = [
            .init("a", .plain("secret"), groups: ["readers", "admins"]),
            .init("b", .hashed("$5$x$y"), groups: ["admins"]), .init("c", .none),
        ]
        #expect(text.configuration.userLists == [expected])
        #expect(!"\(text.configuration.userLists)".contains("secret"))
    }

    @Test("rules ask for a name and a password, by default in the section's name")
    func rules() throws {
        let text = read(
            """
            userlist people
             user a insecure-password b
            frontend f
             mode http
             bind :80
             http-request auth unless { http_auth(people) }
             http-request auth realm a\\ b if !{ http_auth_group(people) x y }
            """)
        #expect(text.diagnostics.filter { $0.severity == .error } == [])
        let rules = try #require(text.configuration.frontends.first).rules.request
        #expect(rules.map(\.action) == [.authenticate(realm: "f"), .authenticate(realm: "a b")])
        let tests = rules.compactMap { $0.condition?.alternatives.first?.first?.tests.first }
        #expect(tests.first == SampleTest(try Expression(.authenticated(list: "people")), .truth))
        let groups = [Array("x".utf8), Array("y".utf8)]
        #expect(
            tests.last
                == SampleTest(
                    try Expression(.authenticatedGroups(list: "people")),
                    .text(.exact, groups, ignoresCase: false)))
    }

    @Test("what clients say of themselves can be read")
    func parts() throws {
        let names = ["http_auth_user", "http_auth_pass", "http_auth_type", "http_auth_bearer(x-t)"]
        for name in names {
            let text = read("frontend f\n mode http\n bind :80\n http-request set-var(txn.a) \(name)\n")
            guard
                case .variable(.set(_, _, let expression)) = text.configuration.frontends[0].rules.request[0]
                    .action
            else { return #expect(Bool(false), "\(name)") }
            #expect(expression.description == name)
        }
    }

    @Test(
        "lines that can not be",
        arguments: [
            ("userlist a\n user", 2, "a user's name"), ("userlist a\n user b\n user b", 3, "already"),
            ("userlist a\n user b groups c", 2, "no group is called 'c'"),
            ("userlist a\n group b users c", 2, "no user is called 'c'"),
            ("userlist a\n user b secret c", 2, "the word at column 9: expected password"),
            ("userlist a\n mode http", 2, "mode"),
            ("userlist a\nuserlist a", 2, "already"), ("userlist", 1, "a name"),
            (
                "frontend f\n mode http\n bind :80\n http-request auth unless { http_auth(no) }", 4,
                "no userlist"
            ),
            ("frontend f\n mode http\n http-request auth realm é", 3, "ASCII"),
        ])
    func refusals(text: String, line: Int, expected: String) throws {
        let message = try #require(told(text + "\n", line: line))
        #expect(message.contains(expected), "\(message)")
    }

    @Test("a hash nobody knows is told without being shown")
    func hashes() throws {
        var surroundings = Surroundings.nothing
        surroundings.isPasswordHash = { _ in false }
        let file = ConfigurationFile(
            name: "a.cfg", bytes: Array("userlist a\n user b password hidden\n".utf8))
        let text = ConfigurationText.read([file], surroundings)
        let message = try #require(text.diagnostics.first { $0.severity == .error }?.message)
        #expect(message.contains("no hash") && !message.contains("hidden"))
    }
}
