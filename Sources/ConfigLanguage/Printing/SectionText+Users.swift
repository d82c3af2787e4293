import Model

/// What stands in a `userlist` section.
extension SectionText {
    mutating func add(_ list: UserList) {
        guard context.isOfText else {
            return remark("names and passwords are in a Secret and not printed: nobody comes in")
        }
        var groups: [String] = []
        for group in list.users.flatMap(\.groups) where !groups.contains(group) { groups.append(group) }
        for group in groups { add("group", Word(group)) }
        for user in list.users {
            var words: [Word] = ["user", Word(user.name)]
            switch user.password {
            case .none: break
            case .plain(let password): words += ["insecure-password", Word(password)]
            case .hashed(let hash): words += ["password", Word(hash)]
            }
            if !user.groups.isEmpty { words += ["groups", Word(user.groups.joined(separator: ","))] }
            add(words)
        }
    }
}
