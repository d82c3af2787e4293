import Model

/// `verify` and what goes with it, in `bind` and in a `crt-list`.
typealias ClientDemandKeyword = Keyword<ClientDemandDraft>

/// All of them.
enum ClientDemandKeywords {
    static let table = [
        ClientDemandKeyword("verify") { line, draft throws(Refusal) in
            draft.demand = try line.choice(demands)
        },
        ClientDemandKeyword("ca-file") { line, draft throws(Refusal) in
            draft.authorities = try AuthorityFiles.read("ca-file", &line)
        },
        ClientDemandKeyword("crl-file") { line, draft throws(Refusal) in
            draft.revocations = try AuthorityFiles.read("crl-file", &line)
        },
        ClientDemandKeyword("crt-ignore-err") { line, draft throws(Refusal) in
            draft.ignored = try errors(&line)
        },
        ClientDemandKeyword("ca-ignore-err") { line, draft throws(Refusal) in
            draft.ignoredOfAuthorities = try errors(&line)
        },
    ]

    /// What may stand behind `verify`.
    static let demands: KeyValuePairs<String, ClientAuthentication.Demand?> = [
        "none": nil, "optional": .optional, "required": .required,
    ]

    /// `all`, or OpenSSL's numbers.
    private static func errors(_ line: inout LineReader) throws(Refusal) -> ClientAuthentication.IgnoredErrors
    {
        let expected = "'all', or numbers of errors such as 10,20"
        let word = try line.take(expected)
        if word.text == "all" { return .all }
        var codes: Set<Int> = []
        for part in word.text.split(separator: ",", omittingEmptySubsequences: false) {
            if part.hasPrefix("X509_V_ERR_") {
                throw .unsupported("the name '\(part)'", instead: "its number is")
            }
            guard let code = Int(part), (1...255).contains(code) else {
                throw .invalid(word, expected: expected)
            }
            codes.insert(code)
        }
        return .only(codes)
    }
}
