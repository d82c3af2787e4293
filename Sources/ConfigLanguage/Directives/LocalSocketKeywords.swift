import Model

/// Who may connect to sockets of this machine: behind `bind`, and for all of them in `unix-bind` of `global`.
enum LocalSocketKeywords {
    static let names = ["mode", "user", "group", "uid", "gid"]

    static let binds = names.map { name in
        BindKeyword(name) { line, draft throws(Refusal) in try read(name, &line, &draft.bind.rights) }
    }

    static let global = [
        GlobalDirective("unix-bind") { line, global throws(Refusal) in
            guard line.next != nil else {
                throw .missing(expected: "prefix, \(names.joined(separator: ", "))")
            }
            while let word = line.takeIfAny() {
                if word.text == "prefix" {
                    global.localSockets.prefix = try line.take("what paths begin with").text
                } else if names.contains(word.text) {
                    try read(word.text, &line, &global.localSockets.rights)
                } else {
                    throw .unknown(
                        word, nearest: Suggestion.nearest(to: word.text, among: names + ["prefix"]))
                }
            }
        }
    ]

    private static func read(
        _ name: String, _ line: inout LineReader, _ rights: inout LocalSocketRights
    ) throws(Refusal) {
        switch name {
        case "mode":
            let word = try line.take("rights such as 660")
            guard let mode = UInt32(word.text, radix: 8), mode <= 0o7777 else {
                throw .invalid(word, expected: "rights such as 660")
            }
            rights.mode = mode
        case "user":
            let word = try line.take("the name of a user")
            guard let number = line.surroundings.user(word.text) else {
                throw .conflict("'user \(word.text)': there is no such user")
            }
            rights.owner = number
        case "group":
            let word = try line.take("the name of a group")
            guard let number = line.surroundings.group(word.text) else {
                throw .conflict("'group \(word.text)': there is no such group")
            }
            rights.group = number
        case "uid": rights.owner = UInt32(try line.number(in: 0...Int(Int32.max), "the number of a user"))
        default: rights.group = UInt32(try line.number(in: 0...Int(Int32.max), "the number of a group"))
        }
    }
}
