/// Encrypting and decrypting with AES: HAProxy's `aes_gcm_enc` and its kin. What it is given is base64, in the file or in a variable.
public struct Cipher: Sendable, Equatable, Hashable {
    /// Whether it encrypts.
    public var isEncryption: Bool
    /// Of the key: 128, 192 or 256.
    public var bits: Int
    /// The nonce, which GCM wants 12 bytes of and CBC 16.
    public var nonce: ConverterOperand
    /// The key.
    public var key: ConverterOperand
    /// GCM's tag: a variable that is set by encryption, and what decryption is held to; nil is CBC.
    public var tag: ConverterOperand?
    /// What GCM vouches for besides.
    public var added: ConverterOperand?

    /// A cipher from its parts.
    public init(
        isEncryption: Bool, bits: Int, nonce: ConverterOperand, key: ConverterOperand,
        tag: ConverterOperand? = nil,
        added: ConverterOperand? = nil
    ) {
        (self.isEncryption, self.bits, self.nonce, self.key) = (isEncryption, bits, nonce, key)
        (self.tag, self.added) = (tag, added)
    }
}
