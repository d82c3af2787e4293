/// `user`, `group`, `uid`, `gid` and `chroot`: what the process gives up once it listens.
enum RightsKeywords {
    static let global = [
        GlobalDirective("user") { line, global throws(Refusal) in
            try set(\.user, .name(try line.take("the name of a user").text), &global)
        },
        GlobalDirective("uid") { line, global throws(Refusal) in
            try set(\.user, .number(try number(&line)), &global)
        },
        GlobalDirective("group") { line, global throws(Refusal) in
            try set(\.group, .name(try line.take("the name of a group").text), &global)
        },
        GlobalDirective("gid") { line, global throws(Refusal) in
            try set(\.group, .number(try number(&line)), &global)
        },
        GlobalDirective("chroot") { line, global throws(Refusal) in
            let word = try line.take("a folder")
            guard word.text.hasPrefix("/") else { throw .invalid(word, expected: "a folder, from / on") }
            guard global.rights.folder == nil else { throw .conflict("'chroot' has been said before") }
            global.rights.folder = word.text
        },
    ]

    private static func set(
        _ part: WritableKeyPath<ProcessRights, ProcessRights.Owner?>, _ owner: ProcessRights.Owner,
        _ global: inout GlobalSettings
    ) throws(Refusal) {
        guard global.rights[keyPath: part] == nil else {
            throw .conflict(
                part == \.user
                    ? "'user' or 'uid' has been said before" : "'group' or 'gid' has been said before")
        }
        global.rights[keyPath: part] = owner
    }

    private static func number(_ line: inout LineReader) throws(Refusal) -> UInt32 {
        UInt32(try line.number(in: 0...Int(UInt32.max) - 1, "a number"))
    }
}
