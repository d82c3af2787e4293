public import Basics
import COpenSSL

/// A hash function of OpenSSL's, by its name.
public final class MessageDigest: Sendable {
    /// The library's own, which stays for as long as the process runs.
    nonisolated(unsafe) private let function: OpaquePointer

    /// nil if the library has none of that name.
    public init?(named name: String) {
        guard let function = EVP_get_digestbyname(name) else { return nil }
        self.function = function
    }

    /// How many bytes it gives.
    public var count: Int { Int(EVP_MD_get_size(function)) }

    /// Writes the hash of bytes; false if there is none.
    public func write(of bytes: ByteView, to output: inout ByteWriter) -> Bool {
        write(to: &output) { made, count in
            bytes.withPointer { EVP_Digest($0, $1, made, &count, function, nil) == 1 }
        }
    }

    /// Writes the code by which who has the key knows that the bytes are genuine (RFC 2104); false if there is none.
    public func write(of bytes: ByteView, withKey key: ByteView, to output: inout ByteWriter) -> Bool {
        write(to: &output) { made, count in
            bytes.withPointer { start, length in
                key.withPointer {
                    HMAC(function, $0, Int32(clamping: $1), start, length, made, &count) != nil
                }
            }
        }
    }

    private func write(
        to output: inout ByteWriter, _ make: (UnsafeMutablePointer<UInt8>, inout UInt32) -> Bool
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(EVP_MAX_MD_SIZE)) { room in
            var count: UInt32 = 0
            guard let start = room.baseAddress, make(start, &count) else { return false }
            output.append(ByteView(start: start, count: Int(count)))
            return true
        }
    }

    /// Whether two secrets are the same; how long that takes tells only of their lengths.
    public static func isSame(_ one: ByteView, _ other: ByteView) -> Bool {
        guard one.count == other.count else { return false }
        return one.withPointer { left, count in
            other.withPointer { right, _ in CRYPTO_memcmp(left, right, count) == 0 }
        }
    }

    /// The library's function, for signatures.
    func withFunction<Result>(_ body: (OpaquePointer) -> Result) -> Result { body(function) }
}
