import Model

/// `ssl-default-bind-…` and `ssl-default-server-…` of `global`.
enum TLSDefaultDirectives {
    static let global =
        TLSParameterKeywords.lists.compactMap { name in
            TLSParameterKeywords.table.first { $0.name == name }
        }.flatMap { keyword in
            [
                GlobalDirective("ssl-default-bind-\(keyword.name)") { line, global throws(Refusal) in
                    global.bindParameters = try read(&line, global.bindParameters) {
                        line, parameters throws(Refusal) in
                        try keyword.apply(&line, &parameters)
                    }
                },
                GlobalDirective("ssl-default-server-\(keyword.name)") { line, global throws(Refusal) in
                    try keyword.apply(&line, &global.serverParameters)
                },
            ]
        } + [
            GlobalDirective("ssl-default-bind-options") { line, global throws(Refusal) in
                global.bindParameters = try read(&line, global.bindParameters) {
                    line, parameters throws(Refusal) in
                    try options(&line, &parameters)
                }
            },
            GlobalDirective("key-base") { line, global throws(Refusal) in
                global.keyBase = try line.take("a folder").text
            },
            GlobalDirective("ssl-load-extra-del-ext") { _, global in global.leavesOutExtension = true },
            GlobalDirective("ssl-load-extra-files") { line, global throws(Refusal) in
                global.extraFiles = try extraFiles(&line)
            },
            offers("tune.ssl.capture-buffer-size"), offers("tune.ssl.capture-cipherlist-size"),
            GlobalDirective("ssl-default-server-options") { line, global throws(Refusal) in
                try options(&line, &global.serverParameters)
            },
        ]

    /// Both words mean the same; the second is the older one. No offer is longer than a message may be.
    private static func offers(_ name: String) -> GlobalDirective {
        GlobalDirective(name) { line, global throws(Refusal) in
            global.offerRoom = min(16_384, try line.number(in: 0...1_000_000_000, "a number of bytes"))
        }
    }

    /// `all`, `none`, or some of them.
    private static func extraFiles(_ line: inout LineReader) throws(Refusal) -> ExtraFiles {
        let expected = "all, none, or some of " + ExtraFiles.names.map(\.key).joined(separator: ", ")
        guard line.next != nil else { throw .missing(expected: expected) }
        var found: ExtraFiles = []
        while let word = line.takeIfAny() {
            if word.text == "none", found.isEmpty { return [] }
            if word.text == "all" { return .all }
            guard let file = ExtraFiles.names.first(where: { $0.key == word.text })?.value else {
                throw .invalid(word, expected: expected)
            }
            found.insert(file)
        }
        return found
    }

    private static func read(
        _ line: inout LineReader, _ parameters: TLSParameters?,
        _ apply: (inout LineReader, inout TLSParameters) throws(Refusal) -> Void
    ) throws(Refusal) -> TLSParameters? {
        var changed = parameters ?? TLSParameters()
        try apply(&line, &changed)
        // Lines that say what holds anyway leave everything as it was.
        return changed == TLSParameters() ? parameters : changed
    }

    /// Words of versions, as behind `bind`, and some of haproxy's that are nothing here.
    private static func options(_ line: inout LineReader, _ parameters: inout TLSParameters) throws(Refusal) {
        while let word = line.takeIfAny() {
            switch word.text {
            case "no-sslv3", "no-tlsv10", "no-tlsv11": break
            case "prefer-client-ciphers":
                // Servers choose by their own.
                if line.subject == "ssl-default-bind-options" { parameters.followsClients = true }
            default:
                let keyword = TLSParameterKeywords.table.first { $0.name == word.text }
                guard let keyword, !TLSParameterKeywords.lists.contains(word.text) else {
                    throw .unsupported("\(line.subject) \(word.text)", instead: nil)
                }
                try keyword.apply(&line, &parameters)
            }
        }
    }
}
