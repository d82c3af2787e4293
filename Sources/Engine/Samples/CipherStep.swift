import Basics
import Model
import Wire

/// `Model.Cipher` as workers run it.
struct CipherStep {
    private let isEncryption: Bool
    private let bits: Int
    private let nonce: OperandCode
    private let key: OperandCode
    private let tag: OperandCode?
    private let added: OperandCode?

    init(_ cipher: Cipher, _ literals: inout Literals) {
        (isEncryption, bits) = (cipher.isEncryption, cipher.bits)
        nonce = OperandCode(cipher.nonce, &literals)
        key = OperandCode(cipher.key, &literals)
        tag = cipher.tag.map { OperandCode($0, &literals) }
        added = cipher.added.map { OperandCode($0, &literals) }
    }

    /// What becomes of bytes; nil if a key is none, or they are not genuine.
    func apply<Source: SampleSource & ~Copyable>(
        to bytes: ByteView, _ source: borrowing Source, _ literals: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        guard let nonce = decoded(nonce, source, literals, &workspace),
            let key = decoded(key, source, literals, &workspace), key.count * 8 == bits
        else { return nil }
        var vouched: ByteView?
        if let added {
            vouched = decoded(added, source, literals, &workspace)
            if vouched == nil { return nil }
        }
        var isMade = false
        guard let tag else {
            let made = workspace.write {
                isMade = SymmetricCipher.cbc(bytes, key: key, nonce: nonce, encrypts: isEncryption, to: &$0)
            }
            return isMade ? made.map { .binary($0) } : nil
        }
        if isEncryption { return seal(bytes, key, nonce, vouched, tag, source, &workspace) }
        guard let known = decoded(tag, source, literals, &workspace) else { return nil }
        let made = workspace.write {
            isMade = SymmetricCipher.open(bytes, key: key, nonce: nonce, tag: known, added: vouched, to: &$0)
        }
        return isMade ? made.map { .binary($0) } : nil
    }

    private func seal<Source: SampleSource & ~Copyable>(
        _ bytes: ByteView, _ key: ByteView, _ nonce: ByteView, _ added: ByteView?, _ tag: OperandCode,
        _ source: borrowing Source, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        var seal: [UInt8]?
        let made = workspace.write {
            seal = SymmetricCipher.seal(bytes, key: key, nonce: nonce, added: added, to: &$0)
        }
        guard let made, let seal, case .variable(let name) = tag else { return nil }
        seal.withView { bytes in
            guard let text = workspace.encodeBase64(bytes, isURL: false) else { return }
            source.setVariable(name, to: .string(text), [])
        }
        return .binary(made)
    }

    private func decoded<Source: SampleSource & ~Copyable>(
        _ operand: OperandCode, _ source: borrowing Source, _ literals: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> ByteView? {
        operand.bytes(source, literals, &workspace).flatMap { workspace.decodeBase64($0, isURL: false) }
    }
}
