import Basics
import Model
import Wire

/// One value that was read: good as long as what it was read from, and the workspace it was worked on in.
enum Sample {
    case boolean(Bool)
    case integer(Int64)
    case address(SocketAddress)
    case string(ByteView)
    case binary(ByteView)
    case method(ByteView)

    /// A text that is empty, or not there.
    init(_ bytes: ByteView) { self = .string(bytes) }

    /// As a truth: what is not zero. Nil if it is nothing of the kind.
    var truth: Bool? {
        if case .boolean(let value) = self { return value }
        return number.map { $0 != 0 }
    }

    /// As a number, of a text as far as its digits go; nil if it is none, and for the empty text.
    var number: Int64? {
        switch self {
        case .boolean(let value): value ? 1 : 0
        case .integer(let value): value
        case .address(let address): address.v4Number.map { Int64($0) }
        case .string(let bytes): bytes.isEmpty ? nil : Sample.number(bytes)
        case .binary, .method: nil
        }
    }

    /// As an address.
    var address: SocketAddress? {
        switch self {
        case .address(let address): address
        case .integer(let value): SocketAddress(v4: UInt32(truncatingIfNeeded: value))
        case .string(let bytes): SocketAddress(bytes)
        case .boolean, .binary, .method: nil
        }
    }

    /// As text; nil if there is no room to write it.
    func text(_ workspace: inout SampleWorkspace) -> ByteView? {
        switch self {
        case .string(let bytes), .binary(let bytes), .method(let bytes): bytes
        case .boolean(let value): value ? ("1" as StaticString).view : ("0" as StaticString).view
        case .integer(let value): workspace.write { $0.append(decimal: value) }
        case .address(let address): workspace.write { address.write(to: &$0) }
        }
    }

    /// As bytes: numbers as eight of them, addresses as four or sixteen, in network order.
    func key(_ workspace: inout SampleWorkspace) -> ByteView? {
        switch self {
        case .string(let bytes), .binary(let bytes), .method(let bytes): bytes
        case .boolean(let value): workspace.write { $0.append(bigEndian: value ? 1 : 0) }
        case .integer(let value): workspace.write { $0.append(bigEndian: UInt64(bitPattern: value)) }
        case .address(let address):
            workspace.write { address.write(networkOrderTo: &$0, asV6: address.isV6) }
        }
    }

    /// The number a text begins with, held within 64 bits; 0 for none.
    static func number(_ text: ByteView) -> Int64 {
        var at = 0
        let isNegative = !text.isEmpty && text[0] == UInt8(ascii: "-")
        if isNegative || !text.isEmpty && text[0] == UInt8(ascii: "+") { at = 1 }
        var value: Int64 = 0
        while at < text.count {
            let digit = Int64(text[at] &- UInt8(ascii: "0"))
            guard digit <= 9 else { break }
            let (tenfold, isTooMuch) = value.multipliedReportingOverflow(by: 10)
            let (sum, isOver) =
                isNegative
                ? tenfold.subtractingReportingOverflow(digit) : tenfold.addingReportingOverflow(digit)
            guard !isTooMuch, !isOver else { return isNegative ? .min : .max }
            value = sum
            at += 1
        }
        return value
    }
}

extension ByteWriter {
    /// Appends eight bytes, the highest first.
    mutating func append(bigEndian value: UInt64) { append(value.bigEndian, 0, count: 8) }
}
