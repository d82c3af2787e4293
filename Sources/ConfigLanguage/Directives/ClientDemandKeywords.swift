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

    /// `all`, or OpenSSL's numbers or names.
    private static func errors(_ line: inout LineReader) throws(Refusal) -> ClientAuthentication.IgnoredErrors
    {
        let expected = "'all', or numbers or names of errors such as 10,X509_V_ERR_CERT_REVOKED"
        let word = try line.take(expected)
        if word.text == "all" { return .all }
        var codes: Set<Int> = []
        for part in word.text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let code = Int(part) ?? VerificationErrors.number(of: String(part)),
                (1...255).contains(code)
            else {
                let nearest = Suggestion.nearest(to: String(part), among: VerificationErrors.known).map {
                    "; did you mean '\($0)'?"
                }
                throw .invalid(word, expected: expected + (nearest ?? ""))
            }
            codes.insert(code)
        }
        return .only(codes)
    }
}
