import Model

/// The fetches about certificates: `ssl_c_s_dn(CN)` and its kin.
enum CertificateSamples {
    static let fetches: [(String, FetchTable.Reader)] = CertificateRead.Holder.allCases.flatMap { holder in
        CertificatePart.allCases.filter { $0.isKnown(of: holder) }.map { part in
            ("\(holder.rawValue)_\(part.rawValue)", reader(holder, part))
        }
    }

    private static func reader(_ holder: CertificateRead.Holder, _ part: CertificatePart) -> FetchTable.Reader
    {
        { arguments throws(Refusal) in
            let pick = part.isName ? try pick(&arguments) : nil
            return .certificate(CertificateRead(holder, part, pick: pick))
        }
    }

    private static func pick(_ arguments: inout ArgumentReader) throws(Refusal) -> NamePick? {
        let entry = arguments.takeIfAny()?.text
        let occurrence = try arguments.integerIfAny(in: -1_000...1_000, "a number") ?? 1
        let form = arguments.takeIfAny()
        if let form, form.text != "rfc2253" { throw .invalid(form, expected: "rfc2253") }
        if let entry { return .entry(entry, occurrence: occurrence) }
        return form == nil ? nil : .rfc2253
    }
}
