import Model

/// `ssl` and what goes with it, in `server` and `default-server`.
enum ServerTLSKeywords {
    static let table =
        [
            ServerKeyword("ssl") { _, draft in draft.speaksTLS = true },
            ServerKeyword("no-ssl") { _, draft in draft.speaksTLS = false },
            ServerKeyword("verify") { line, draft throws(Refusal) in
                draft.tls.isVerified = try line.choice(["none": false, "required": true])
            },
            ServerKeyword("ca-file") { line, draft throws(Refusal) in
                draft.tls.authorities = try AuthorityFiles.read("ca-file", &line)
            },
            ServerKeyword("crl-file") { line, draft throws(Refusal) in
                draft.tls.revocations = try AuthorityFiles.read("crl-file", &line)
            },
            ServerKeyword("crt") { line, draft throws(Refusal) in
                let word = try line.take("a file")
                let found = try CertificateFiles.read(&line, word)
                guard let pem = found.first?.pem, found.count == 1 else {
                    throw .conflict("crt: a server is shown one certificate, this is a folder")
                }
                draft.tls.settings.clientCertificate = Certificate(chainPEM: pem, keyPEM: pem)
                line.surroundings.patterns.note { $0.certificates[pem] = word }
            },
            ServerKeyword("sni") { line, draft throws(Refusal) in
                draft.tls.settings.serverName = try serverName(&line)
            },
            ServerKeyword("verifyhost") { line, draft throws(Refusal) in
                draft.tls.settings.verifiedName = try line.take("a name").text
            },
            ServerKeyword("no-verifyhost") { _, draft in draft.tls.settings.verifiedName = nil },
            ServerKeyword("no-ssl-reuse") { _, draft in draft.tls.settings.reusesSessions = false },
            ServerKeyword("ssl-reuse") { _, draft in draft.tls.settings.reusesSessions = true },
            // What they turn off is not there.
            ServerKeyword("no-sslv3") { _, _ in }, ServerKeyword("no-tlsv10") { _, _ in },
            ServerKeyword("no-tlsv11") { _, _ in },
        ] + parameters

    private static let parameters = TLSParameterKeywords.table.map { keyword in
        ServerKeyword(keyword.name) { line, draft throws(Refusal) in
            try keyword.apply(&line, &draft.tls.settings.parameters)
        }
    }

    /// An expression of samples; a text and the request's host are told apart from what has to be asked.
    private static func serverName(_ line: inout LineReader) throws(Refusal) -> ServerTLS.ServerName {
        let expected = "a name, e.g. str(web.example) or req.hdr(host)"
        guard let word = line.next else { throw .missing(expected: expected) }
        let text = word.text
        let hosts = ["req.hdr(host)", "hdr(host)", "req.hdr(host),host_only", "hdr(host),host_only"]
        if text.hasPrefix("str("), text.hasSuffix(")"), text.count > 5 {
            line.skip()
            return .fixed(String(text.dropFirst(4).dropLast()))
        }
        if hosts.contains(text.lowercased()) {
            line.skip()
            return .requestHost
        }
        let expression = try line.expression(for: .choosingServer)
        guard expression.output == .string || expression.output == .any else {
            throw .invalid(word, expected: expected)
        }
        return .sample(expression)
    }
}
