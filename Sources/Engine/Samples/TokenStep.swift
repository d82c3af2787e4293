import Basics
import Model
import Wire

/// A JSON Web Token: three parts in base64 between dots (RFC 7519).
struct TokenStep {
    let part: TokenPart
    /// nil is all of the part.
    let query: JSONQuery?

    /// What the part says; nil if it says no such thing.
    func apply(to token: ByteView, _ literals: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        guard let first = token.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        var text = token[0..<first]
        if part == .payload {
            let rest = token[first + 1..<token.count]
            guard let second = rest.firstIndex(of: UInt8(ascii: ".")) else { return nil }
            text = rest[0..<second]
        }
        guard let plain = workspace.decodeBase64(text, isURL: true) else { return nil }
        guard let query else { return .string(plain) }
        return query.apply(to: plain, literals, &workspace)
    }

    /// Whether a token is genuine, in HAProxy's numbers.
    static func check(
        _ token: ByteView, _ signature: Unmanaged<TokenSignature>, algorithm: ByteView, key: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> Int64 {
        guard TokenSignature.knows(algorithm) else {
            return Int64(TokenSignature.Outcome.unknownAlgorithm.rawValue)
        }
        let malformed = Int64(TokenSignature.Outcome.malformedToken.rawValue)
        guard let first = token.firstIndex(of: UInt8(ascii: ".")),
            let second = token.firstIndex(of: UInt8(ascii: "."), from: first + 1),
            token.firstIndex(of: UInt8(ascii: "."), from: second + 1) == nil,
            let bytes = workspace.decodeBase64(token[second + 1..<token.count], isURL: true)
        else { return malformed }
        let outcome = signature._withUnsafeGuaranteedRef {
            $0.check(token[0..<second], bytes, algorithm: algorithm, secret: key)
        }
        return Int64(outcome.rawValue)
    }
}
