import Basics

extension ExecCredential {
    /// Why an answer cannot be used; nothing of it is repeated.
    struct Refusal: Error, Equatable {
        let reason: String
    }

    /// Reads what the plugin wrote to its standard output; it must speak the version it was asked in.
    init(decoding output: [UInt8], apiVersion: String) throws(Refusal) {
        var kind = ""
        var version = ""
        do throws(JSONError) {
            var reader = JSONReader(output.span)
            try reader.openObject()
            while let key = try reader.nextKey() {
                switch key {
                case "kind": kind = try reader.string()
                case "apiVersion": version = try reader.string()
                case "status": try readStatus(&reader)
                default: try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            throw Refusal(reason: "its output is no ExecCredential: \(error)")
        }
        guard kind == "ExecCredential" else { throw Refusal(reason: "its output is no ExecCredential") }
        guard version == apiVersion else {
            throw Refusal(reason: "it answers in another version than \(apiVersion)")
        }
        guard certificate.isEmpty == key.isEmpty else {
            throw Refusal(reason: "it gave a certificate or a key without the other")
        }
        guard token != nil || !certificate.isEmpty else { throw Refusal(reason: "it gave no credentials") }
    }

    private mutating func readStatus(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.nextKind() == .object else { return try reader.skipValue() }
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "token":
                let text = try reader.stringOrNull() ?? ""
                // A header line must stay one line.
                token = text.isEmpty || text.utf8.contains { $0 < 0x20 } ? nil : Confidential(text)
            case "clientCertificateData": certificate = Array((try reader.stringOrNull() ?? "").utf8)
            case "clientKeyData": self.key = Array((try reader.stringOrNull() ?? "").utf8)
            case "expirationTimestamp":
                expiration = try reader.stringOrNull().flatMap { RFC3339($0)?.seconds }
            default: try reader.skipValue()
            }
        }
    }

}
