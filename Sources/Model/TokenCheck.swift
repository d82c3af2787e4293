/// What a converter is given beside its sample: a text of the file, or a variable.
public enum ConverterOperand: Sendable, Equatable, Hashable {
    case text([UInt8])
    case variable(Variable)
}

/// Which value of a JSON text: HAProxy's `json_query`.
public struct JSONPick: Sendable, Equatable, Hashable {
    /// `$.a.b[0]`.
    public var path: String
    /// Whether it is a number without a fraction; else numbers are texts of six digits.
    public var isInteger: Bool

    /// A pick from its parts.
    public init(_ path: String, isInteger: Bool = false) {
        (self.path, self.isInteger) = (path, isInteger)
    }
}

/// What of a JSON Web Token is read, under HAProxy's names.
public enum TokenPart: String, Sendable, Hashable, CaseIterable {
    case header = "jwt_header_query"
    case payload = "jwt_payload_query"
}

/// HAProxy's `jwt_verify`.
public struct TokenCheck: Sendable, Equatable, Hashable {
    /// `HS256` and its like.
    public var algorithm: ConverterOperand
    /// A secret, or the place of a public key's file.
    public var key: ConverterOperand
    /// What that file holds; empty if there is none.
    public var publicKeyPEM: [UInt8]
    /// Whether that file is of a certificate (`jwt_verify_cert`). Default no.
    public var isOfCertificate = false

    /// A check from its parts.
    public init(algorithm: ConverterOperand, key: ConverterOperand, publicKeyPEM: [UInt8] = []) {
        self.algorithm = algorithm
        self.key = key
        self.publicKeyPEM = publicKeyPEM
    }
}
