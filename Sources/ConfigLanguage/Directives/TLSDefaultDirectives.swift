import Model

/// `ssl-default-bind-…` and `ssl-default-server-…` of `global`.
enum TLSDefaultDirectives {
    static let global =
        ["ciphers", "ciphersuites", "curves"].compactMap { name in
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
            GlobalDirective("ssl-default-server-options") { line, global throws(Refusal) in
                try options(&line, &global.serverParameters)
            },
        ]

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
            case "no-sslv3", "no-tlsv10", "no-tlsv11", "prefer-client-ciphers": break
            default:
                let keyword = TLSParameterKeywords.table.first { $0.name == word.text }
                guard let keyword, !["ciphers", "ciphersuites", "curves"].contains(word.text) else {
                    throw .unsupported("\(line.subject) \(word.text)", instead: nil)
                }
                try keyword.apply(&line, &parameters)
            }
        }
    }
}
