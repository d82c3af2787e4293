import Basics

/// What can be said of PEM text without reading certificates.
enum PEM {
    /// Whether it holds at least one block and every block is base64 of something DER begins with.
    static func isPlausible(_ bytes: [UInt8]) -> Bool { labels(of: bytes) != nil }

    /// What its blocks call themselves, as `CERTIFICATE`; nil if the text is not plausible.
    static func labels(of bytes: [UInt8]) -> [String]? {
        var (label, body) = ("", "")
        var labels = [String]()
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("-----BEGIN ") {
                (label, body) = (String(text.dropFirst(11).prefix { $0 != "-" }), "")
            } else if text.hasPrefix("-----END ") {
                guard !label.isEmpty, let der = Base64.decode(body), isDER(der, label) else { return nil }
                labels.append(label)
                label = ""
            } else if !label.isEmpty, !text.utf8.contains(UInt8(ascii: ":")) {
                body += text.filter { $0 != " " && $0 != "\t" }
            }
        }
        return labels.isEmpty || !label.isEmpty ? nil : labels
    }

    /// A sequence; the parameters that openssl writes in front of an EC key are an object identifier.
    private static func isDER(_ bytes: [UInt8], _ label: String) -> Bool {
        bytes.first == 0x30 || bytes.first == 0x06 && label == "EC PARAMETERS"
    }
}
