import Model

/// Names of fields in HTTP/1 for those who know them in one case alone, and the one that tells servers their own name.
enum FieldNameDirectives {
    static let table = [
        Directive("http-send-name-header") { line, proxy throws(Refusal) in
            let name = try name(&line)
            guard !reserved.contains(name.text.lowercased()) else {
                throw .invalid(name, expected: "another name than \(reserved.joined(separator: ", "))")
            }
            proxy.backend.told.serverName = name.text
        }
    ]

    static let options = [
        ProxyOption("h1-case-adjust-bogus-client") { isOn, _, proxy in proxy.adjustsNames.ofClients = isOn },
        ProxyOption("h1-case-adjust-bogus-server") { isOn, _, proxy in proxy.adjustsNames.ofServers = isOn },
    ]

    static let global = [
        GlobalDirective("h1-case-adjust") { line, global throws(Refusal) in
            let from = try name(&line)
            let to = try name(&line)
            guard try isAdjustment(from, to, &line) else { return }
            if !global.fieldNames.add(to.text) { throw .conflict(again(from)) }
        },
        GlobalDirective("h1-case-adjust-file") { line, global throws(Refusal) in
            let file = try line.take("a file")
            switch line.surroundings.read(file.text) {
            case .file(let bytes): try read(bytes, of: file, &line, &global)
            case .folder: throw .conflict("'\(file.text)' is a folder")
            case .unreadable(let why): throw .conflict("'\(file.text)': \(why)")
            }
        },
    ]

    /// What delimits messages, and what they are for, is not the server's name.
    private static let reserved = ["host", "content-length", "transfer-encoding", "connection"]

    private static func name(_ line: inout LineReader) throws(Refusal) -> Word {
        let name = try line.take("the name of a header")
        guard name.bytes.allSatisfy(HeaderSyntax.isNameCharacter) else {
            throw .invalid(name, expected: "the name of a header")
        }
        return name
    }

    private static func again(_ name: Word) -> String { "'\(name.text)' is adjusted already" }

    /// Two names to a line. Empty lines, and those that begin with `#`, are none.
    private static func read(
        _ bytes: [UInt8], of file: Word, _ line: inout LineReader, _ global: inout GlobalSettings
    ) throws(Refusal) {
        global.fieldNames.beginFile()
        for (number, row) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let words = row.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map {
                Word(String(decoding: $0, as: UTF8.self))
            }
            guard let from = words.first, from.bytes.first != UInt8(ascii: "#") else { continue }
            let place = "'\(file.text)', line \(number + 1)"
            let areNames = words.allSatisfy { $0.bytes.allSatisfy(HeaderSyntax.isNameCharacter) }
            guard words.count == 2, areNames else {
                throw .conflict("\(place): expected two names of headers")
            }
            guard try isAdjustment(from, words[1], &line, place) else { continue }
            if !global.fieldNames.addFiled(words[1].text) { throw .conflict("\(place): \(again(from))") }
        }
    }

    /// Whether a name may become another one, and ever would.
    private static func isAdjustment(
        _ from: Word, _ to: Word, _ line: inout LineReader, _ place: String? = nil
    ) throws(Refusal) -> Bool {
        let front = place.map { "\($0): " } ?? ""
        guard from.text.lowercased() == to.text.lowercased() else {
            throw .conflict("\(front)'\(from.text)' and '\(to.text)' differ in more than their case")
        }
        if from.text == from.text.lowercased() { return true }
        line.warn("\(front)'\(from.text)' is not in lower case and adjusts nothing")
        return false
    }
}
