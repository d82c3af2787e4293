/// What proves to an API server who asks, for connections that others make to it. It prints nothing of itself.
public struct AccessCredentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// `Authorization` and `Impersonate-…`, as names and values.
    public let fields: [(name: String, value: String)]
    /// A certificate chain in PEM; empty when there is none.
    public let certificate: [UInt8]
    /// Its key in PEM.
    public let key: [UInt8]

    init(_ authorization: Authorization) {
        fields = authorization.headers.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (String(line[..<colon]), String(value))
        }
        certificate = authorization.certificate
        key = authorization.key
    }

    /// Whether both prove the same.
    public static func == (left: AccessCredentials, right: AccessCredentials) -> Bool {
        left.certificate == right.certificate && left.key == right.key
            && left.fields.elementsEqual(right.fields) { $0 == $1 }
    }

    /// The kinds of credentials, never one of them.
    public var description: String {
        let kinds = fields.map(\.name) + (certificate.isEmpty ? [] : ["client certificate"])
        return kinds.isEmpty ? "no credentials" : kinds.joined(separator: ", ")
    }

    /// Nothing to look at.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
