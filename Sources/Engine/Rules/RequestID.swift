import Basics

/// A number that tells a request from all others: drawn when it is first asked for, and the same wherever it is told after that.
struct RequestID {
    private let high: UInt64
    private let low: UInt64

    /// None.
    init() { (high, low) = (0, 0) }

    /// Draws one.
    init(_ random: inout RandomNumbers) { (high, low) = (random.next(), random.next()) }

    var isNone: Bool { high | low == 0 }

    /// Writes 32 digits.
    @inline(__always)
    func write(to output: inout ByteWriter) {
        output.append(hexDigits: high)
        output.append(hexDigits: low)
    }
}
