import Model

/// What stands in a `userlist` section, and the rule that asks for names and passwords.
enum UserListDirectives {
    static let section = [
        UserListKeyword("user") { line, section throws(Refusal) in
            let name = try line.take("a user's name").text
            if section.list.users.contains(where: { $0.name == name }) {
                throw .conflict("user '\(name)' is in the list already")
            }
            line.keepSecret()
            var (password, groups) = (UserList.Password.none, [Word]())
            while let word = line.takeIfAny() {
                switch word.text {
                case "password":
                    let hash = try line.take("a hash of crypt(3)")
                    guard line.surroundings.isPasswordHash(hash.text) else {
                        throw .conflict(
                            "the password of '\(name)' at column \(hash.column) is no hash that crypt(3) knows here"
                        )
                    }
                    password = .hashed(hash.text)
                case "insecure-password": password = .plain(try line.take("a password").text)
                case "groups": groups = names(try line.take("names of groups with commas between them"))
                default: throw .invalid(word, expected: "password, insecure-password or groups")
                }
            }
            section.list.users.append(.init(name, password))
            if !groups.isEmpty { section.memberships.append((name, groups, line.place)) }
        },
        UserListKeyword("group") { line, section throws(Refusal) in
            let name = try line.take("a group's name").text
            if section.groups.contains(where: { $0.name == name }) {
                throw .conflict("group '\(name)' is in the list already")
            }
            var users: [Word] = []
            if line.takes("users") { users = names(try line.take("names of users with commas between them")) }
            section.groups.append((name, users, line.place))
        },
    ]

    private static func names(_ word: Word) -> [Word] {
        word.text.split(separator: ",").map { Word(String($0), column: word.column) }
    }

    /// Behind `http-request auth`.
    static func action(_ line: inout LineReader, _ proxy: Proxy) throws(Refusal) -> HTTPAction {
        var realm = proxy.name
        if line.takes("realm") {
            let word = try line.take("a text")
            guard word.bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) else {
                throw .invalid(word, expected: "a text of ASCII without quotation marks and backslashes")
            }
            realm = word.text
        }
        return .authenticate(realm: realm)
    }
}
