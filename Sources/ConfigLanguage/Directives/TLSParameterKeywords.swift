import Model

/// Versions, ciphers and curves, in `bind` and in `server`.
typealias TLSParameterKeyword = Keyword<TLSParameters>

/// All of them.
enum TLSParameterKeywords {
    static let table = [
        TLSParameterKeyword("ssl-min-ver") { line, parameters throws(Refusal) in
            parameters.minimum = try version(&line)
        },
        TLSParameterKeyword("ssl-max-ver") { line, parameters throws(Refusal) in
            parameters.maximum = try version(&line)
        },
        TLSParameterKeyword("force-tlsv12") { _, parameters in
            (parameters.minimum, parameters.maximum) = (.tls12, .tls12)
        },
        TLSParameterKeyword("force-tlsv13") { _, parameters in
            (parameters.minimum, parameters.maximum) = (.tls13, .tls13)
        },
        TLSParameterKeyword("no-tlsv12") { _, parameters in parameters.minimum = .tls13 },
        TLSParameterKeyword("no-tlsv13") { _, parameters in parameters.maximum = .tls12 },
        TLSParameterKeyword("no-tls-tickets") { _, parameters in parameters.usesTickets = false },
        TLSParameterKeyword("tls-tickets") { _, parameters in parameters.usesTickets = true },
        TLSParameterKeyword("ciphers") { line, parameters throws(Refusal) in
            parameters.ciphers = try line.take("ciphers of TLS 1.2").text
        },
        TLSParameterKeyword("ciphersuites") { line, parameters throws(Refusal) in
            parameters.suites = try line.take("cipher suites of TLS 1.3").text
        },
        TLSParameterKeyword("curves") { line, parameters throws(Refusal) in
            parameters.curves = try line.take("curves").text
        },
        TLSParameterKeyword("sigalgs") { line, parameters throws(Refusal) in
            parameters.signatures = try line.take("algorithms of signatures").text
        },
        TLSParameterKeyword("client-sigalgs") { line, parameters throws(Refusal) in
            parameters.clientSignatures = try line.take("algorithms of signatures").text
        },
        // Neither side can begin anew within a connection.
        TLSParameterKeyword("no-renegotiate") { _, _ in },
        TLSParameterKeyword("renegotiate") { _, _ throws(Refusal) in
            throw .unsupported("renegotiate", instead: "renegotiation is never done, and gone from TLS 1.3")
        },
    ]

    /// Those that are lists, which `ssl-default-bind-…` and `ssl-default-server-…` of `global` name.
    static let lists = ["ciphers", "ciphersuites", "curves", "sigalgs", "client-sigalgs"]

    private static func version(_ line: inout LineReader) throws(Refusal) -> TLSParameters.Version {
        let word = try line.take("TLSv1.2 or TLSv1.3")
        if ["SSLv3", "TLSv1.0", "TLSv1.1"].contains(word.text) {
            line.warn("'\(word.text)': TLSv1.2 is the least anyway")
            return .tls12
        }
        guard let version = TLSParameters.Version(rawValue: word.text) else {
            throw .invalid(word, expected: "TLSv1.2 or TLSv1.3")
        }
        return version
    }
}
