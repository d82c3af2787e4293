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

    /// An expression of samples; those that can be told apart without a request are understood, and the request's host.
    private static func serverName(_ line: inout LineReader) throws(Refusal) -> ServerTLS.ServerName {
        let word = try line.take("a name, e.g. str(web.example) or req.hdr(host)")
        let text = word.text
        let hosts = ["req.hdr(host)", "hdr(host)", "req.hdr(host),host_only", "hdr(host),host_only"]
        if text.hasPrefix("str("), text.hasSuffix(")"), text.count > 5 {
            return .fixed(String(text.dropFirst(4).dropLast()))
        }
        if text == "ssl_fc_sni" {
            throw .unsupported("sni ssl_fc_sni", instead: "'req.hdr(host)' is")
        }
        if hosts.contains(text.lowercased()) { return .requestHost }
        throw .unsupported("sni \(text)", instead: "'str(NAME)' and 'req.hdr(host)' are")
    }
}
