import Model

/// Versions, ciphers and curves as words.
enum TLSSpelling {
    /// What `parameters` say that `base` does not say already.
    static func words(_ parameters: TLSParameters?, beyond base: TLSParameters?) -> [Word] {
        guard let parameters, parameters != base else { return [] }
        var words: [Word] = []
        // Said even where it is so by itself: then there are settings.
        if base?.minimum != parameters.minimum {
            words += ["ssl-min-ver", Word(parameters.minimum.rawValue)]
        }
        if (base ?? TLSParameters()).maximum != parameters.maximum {
            words += ["ssl-max-ver", Word(parameters.maximum.rawValue)]
        }
        if let uses = parameters.usesTickets, uses != base?.usesTickets {
            words.append(uses ? "tls-tickets" : "no-tls-tickets")
        }
        if parameters.followsClients == true, base?.followsClients != true {
            words.append("prefer-client-ciphers")
        }
        for (name, value, usual) in lists(parameters, base) {
            if let value, value != usual { words += [name, Word(value)] }
        }
        return words
    }

    /// Lines of `global` that say the same of all, by the beginning of their keywords.
    static func lines(_ parameters: TLSParameters, _ prefix: String) -> [[Word]] {
        var lines: [[Word]] = []
        var options: [Word] = []
        let usual = TLSParameters()
        if parameters.minimum != usual.minimum {
            options += ["ssl-min-ver", Word(parameters.minimum.rawValue)]
        }
        if parameters.maximum != usual.maximum {
            options += ["ssl-max-ver", Word(parameters.maximum.rawValue)]
        }
        if let uses = parameters.usesTickets { options.append(uses ? "tls-tickets" : "no-tls-tickets") }
        if parameters.followsClients == true { options.append("prefer-client-ciphers") }
        if !options.isEmpty { lines.append([Word("\(prefix)-options")] + options) }
        for (name, value, _) in lists(parameters, nil) {
            if let value { lines.append([Word("\(prefix)-\(name.text)"), Word(value)]) }
        }
        return lines
    }

    private static func lists(
        _ parameters: TLSParameters, _ base: TLSParameters?
    ) -> [(Word, String?, String?)] {
        [
            ("ciphers", parameters.ciphers, base?.ciphers),
            ("ciphersuites", parameters.suites, base?.suites),
            ("curves", parameters.curves, base?.curves),
            ("sigalgs", parameters.signatures, base?.signatures),
            ("client-sigalgs", parameters.clientSignatures, base?.clientSignatures),
        ]
    }

    /// Where a certificate without a file is to be put.
    static func file(of name: CertificateName) -> String { "/etc/sluice/\(name).pem" }
}
