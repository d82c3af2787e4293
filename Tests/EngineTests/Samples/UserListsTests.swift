import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Who comes in by name and password")
struct UserListsTests {
    /// `s512` by sha512 with 1000 rounds.
    private static let hash =
        "$6$rounds=1000$abcdefgh$"
        + "qHa47uZCQlUklCQYlU2/QnS/1MoxFbI4ZqLXxrzRcHbsrzVRUruEuzmsV1hzU6oBq8TxrhxEiExKTDmIZsmEQ0"

    private func matches(_ name: String, _ password: String, in list: String = "people") -> Bool {
        var people = UserList("people")
        people.users = [
            .init("a", .plain("secret"), groups: ["x"]), .init("b", .none), .init("c", .hashed(Self.hash)),
        ]
        let lists = UserLists([UserList("none"), people])
        var right = RightPasswords()
        let first = check(lists, &right, name, password, list)
        // The second time it may be remembered.
        return first && check(lists, &right, name, password, list)
    }

    private func check(
        _ lists: UserLists, _ right: inout RightPasswords, _ name: String, _ password: String, _ list: String
    ) -> Bool {
        let user = name.withView { name in list.withView { lists.user(name, of: $0) } }
        guard let user else { return false }
        return password.withView { right.matches($0, user) }
    }

    @Test(
        "a password is compared as it is kept",
        arguments: [
            ("a", "secret", true), ("a", "secre", false), ("a", "", false), ("b", "", false),
            ("c", "s512", true),
            ("c", "s513", false), ("c", "", false), ("d", "secret", false),
            ("c", String(repeating: "x", count: 5000), false), ("c", "s512\u{0}", false),
        ])
    func passwords(name: String, password: String, isRight: Bool) {
        #expect(matches(name, password) == isRight)
    }

    @Test("another list knows nobody of this one")
    func lists() {
        #expect(!matches("a", "secret", in: "none") && !matches("a", "secret", in: "other"))
    }

    @Test("hashes of unknown kinds are told from others")
    func hashes() {
        #expect(PasswordHash.isOne(Self.hash) && PasswordHash.isOne("$1$abcdefgh$znAnv9M.XU2pRYfmSs46h/"))
        #expect(!PasswordHash.isOne("secret") && !PasswordHash.isOne("") && !PasswordHash.isOne("$99$a$b"))
    }

    @Test(
        "credentials have a type and something behind it",
        arguments: [
            ("Basic YTpi", "a", "b"), ("basic  YTpiOmM= ", "a", "b:c"), ("Basic Og==", "", ""),
            ("Basic YWI=", nil, nil), ("Basic !", nil, nil), ("Basic", nil, nil), ("Bearer YTpi", nil, nil),
            ("", nil, nil), (" Basic YTpi", nil, nil),
        ] as [(String, String?, String?)])
    func credentials(value: String, user: String?, password: String?) {
        var workspace = SampleWorkspace()
        workspace.reset()
        let found = value.withView { view -> (String, String)? in
            Credentials(view)?.basic(&workspace).map { ($0.user.string, $0.password.string) }
        }
        #expect(found?.0 == user && found?.1 == password)
    }
}
