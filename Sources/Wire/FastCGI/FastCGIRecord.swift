public import Basics

/// The records that FastCGI 1.0 is made of, as far as a web server writes them. There is one request at a time on a connection,
/// and it is always number 1.
///
/// ```
///   0        1     2         4              6         7          8
///   version  kind  request   content count  padding   reserved   content … padding …
/// ```
public enum FastCGIRecord {
    /// What a record is about.
    public enum Kind: UInt8, Sendable {
        case begin = 1
        case end = 3
        /// Name-value pairs.
        case parameters = 4
        /// The request's body.
        case input = 5
        /// The answer.
        case output = 6
        /// What the server has to say beside it.
        case errors = 7
    }

    /// The most content of a record of ours: what 16 bits can say, in whole words.
    public static let longest = 65_528
    static let headCount = 8
    static let version: UInt8 = 1
}

extension Buffer {
    /// Appends the head of a record; false if it does not fit. One of a stream without content ends that.
    @discardableResult
    public mutating func append(record kind: FastCGIRecord.Kind, count: Int) -> Bool {
        guard count >= 0, count <= FastCGIRecord.longest else { return false }
        return write { output in
            output.append(FastCGIRecord.version)
            output.append(kind.rawValue)
            output.append(0 as UInt8)
            output.append(1 as UInt8)
            output.append(UInt8(truncatingIfNeeded: count >> 8))
            output.append(UInt8(truncatingIfNeeded: count))
            output.append(0 as UInt8)
            output.append(0 as UInt8)
        }
    }

    /// Appends the record that begins a request, in the role of a responder; it says whether the server is to keep the connection.
    @discardableResult
    public mutating func appendRecordThatBegins(keepsConnection: Bool) -> Bool {
        append(record: .begin, count: 8)
            && write { output in
                output.append(0 as UInt8)
                output.append(1 as UInt8)
                output.append((keepsConnection ? 1 : 0) as UInt8)
                for _ in 0..<5 { output.append(0 as UInt8) }
            }
    }
}

extension ByteWriter {
    /// Appends a name-value pair.
    public mutating func append(parameter name: ByteView, _ value: ByteView) {
        append(lengthOf: name.count)
        append(lengthOf: value.count)
        append(name)
        append(value)
    }

    /// A byte below 128, else four with the first bit set.
    mutating func append(lengthOf count: Int) {
        guard count > 127 else { return append(UInt8(truncatingIfNeeded: count)) }
        append(UInt8(truncatingIfNeeded: count >> 24) | 0x80)
        append(UInt8(truncatingIfNeeded: count >> 16))
        append(UInt8(truncatingIfNeeded: count >> 8))
        append(UInt8(truncatingIfNeeded: count))
    }
}
