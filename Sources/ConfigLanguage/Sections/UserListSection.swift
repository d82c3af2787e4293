import Model

/// A `userlist` section while it is read: who is in which group is known when all of it has been.
struct UserListSection: Sendable {
    var list: UserList
    /// The groups there are, and whom their lines name.
    var groups: [(name: String, users: [Word], place: SourceLocation)] = []
    /// The groups that users' lines name.
    var memberships: [(user: String, groups: [Word], place: SourceLocation)] = []
    /// Where it begins.
    let line: SourceLocation

    init(name: String, line: SourceLocation) {
        list = UserList(name)
        self.line = line
    }

    /// The list, and what is wrong with it.
    var finished: (list: UserList, problems: [(sentence: String, place: SourceLocation)]) {
        var (result, problems) = (list, [(sentence: String, place: SourceLocation)]())
        for (user, names, place) in memberships {
            for name in names {
                guard groups.contains(where: { $0.name == name.text }) else {
                    problems.append(("userlist \(list.name): no group is called '\(name.text)'", place))
                    continue
                }
                enter(user, name.text, &result)
            }
        }
        for (group, names, place) in groups {
            for name in names where !enter(name.text, group, &result) {
                problems.append(("userlist \(list.name): no user is called '\(name.text)'", place))
            }
        }
        return (result, problems)
    }

    @discardableResult
    private func enter(_ user: String, _ group: String, _ list: inout UserList) -> Bool {
        guard let place = list.users.firstIndex(where: { $0.name == user }) else { return false }
        if !list.users[place].groups.contains(group) { list.users[place].groups.append(group) }
        return true
    }
}

/// A keyword of a `userlist` section.
typealias UserListKeyword = Keyword<UserListSection>
