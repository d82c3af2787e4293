public import Basics
import COpenSSL

/// AES by OpenSSL, as samples use it: short texts, whole at once.
public enum SymmetricCipher {
    private static let tagSize = 16

    /// AES in CBC mode with PKCS#7's padding; the key's length says which. False if a length is wrong or the padding is.
    public static func cbc(
        _ bytes: ByteView, key: ByteView, nonce: ByteView, encrypts: Bool, to output: inout ByteWriter
    ) -> Bool {
        let known = [16: EVP_aes_128_cbc(), 24: EVP_aes_192_cbc(), 32: EVP_aes_256_cbc()]
        guard let function = known[key.count] ?? nil, nonce.count == 16 else { return false }
        return run(function, key, nonce, encrypts: encrypts, nil, bytes, to: &output) { _ in
            true
        } finish: { _ in
            true
        }
    }

    /// AES in Galois/counter mode; the tag by which who has the key knows that nothing was changed.
    public static func seal(
        _ bytes: ByteView, key: ByteView, nonce: ByteView, added: ByteView?, to output: inout ByteWriter
    ) -> [UInt8]? {
        guard let function = gcm(key), nonce.count > 0 else { return nil }
        var tag = [UInt8](repeating: 0, count: tagSize)
        let isDone = run(function, key, nonce, encrypts: true, added, bytes, to: &output) { _ in
            true
        } finish: { context in
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag) == 1
        }
        return isDone ? tag : nil
    }

    /// The reverse; false if it is not genuine.
    public static func open(
        _ bytes: ByteView, key: ByteView, nonce: ByteView, tag: ByteView, added: ByteView?,
        to output: inout ByteWriter
    ) -> Bool {
        guard let function = gcm(key), nonce.count > 0, tag.count == tagSize else { return false }
        var known = tag.bytes
        return run(function, key, nonce, encrypts: false, added, bytes, to: &output) { context in
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &known) == 1
        } finish: { _ in
            true
        }
    }

    private static func gcm(_ key: ByteView) -> OpaquePointer? {
        [16: EVP_aes_128_gcm(), 24: EVP_aes_192_gcm(), 32: EVP_aes_256_gcm()][key.count] ?? nil
    }

    /// Nothing is written unless all of it is well.
    private static func run(
        _ function: OpaquePointer, _ key: ByteView, _ nonce: ByteView, encrypts: Bool, _ added: ByteView?,
        _ bytes: ByteView, to output: inout ByteWriter, prepare: (OpaquePointer) -> Bool,
        finish: (OpaquePointer) -> Bool
    ) -> Bool {
        guard let context = EVP_CIPHER_CTX_new() else { return false }
        defer { EVP_CIPHER_CTX_free(context) }
        let way: Int32 = encrypts ? 1 : 0
        // Of CBC the length is fixed, and asking for another one an error.
        let sets = EVP_CIPHER_get_mode(function) == EVP_CIPH_GCM_MODE
        guard EVP_CipherInit_ex(context, function, nil, nil, nil, way) == 1,
            !sets || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonce.count), nil) == 1,
            key.withPointer({ key, _ in
                nonce.withPointer { nonce, _ in EVP_CipherInit_ex(context, nil, nil, key, nonce, way) == 1 }
            }), prepare(context)
        else { return false }
        var (made, count) = ([UInt8](repeating: 0, count: bytes.count + 32), Int32(0))
        if let added, !added.isEmpty,
            added.withPointer({ EVP_CipherUpdate(context, nil, &count, $0, Int32($1)) }) != 1
        {
            return false
        }
        count = 0
        guard bytes.withPointer({ EVP_CipherUpdate(context, &made, &count, $0, Int32($1)) }) == 1 else {
            return false
        }
        var rest: Int32 = 0
        let isWhole = made.withUnsafeMutableBufferPointer { room in
            room.baseAddress.map { EVP_CipherFinal_ex(context, $0 + Int(count), &rest) == 1 } ?? false
        }
        guard isWhole, finish(context) else { return false }
        made[0..<Int(count + rest)].withUnsafeBufferPointer { room in
            Array(room).withView { output.append($0) }
        }
        return true
    }
}
