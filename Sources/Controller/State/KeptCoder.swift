/// Passes values on: out as bytes, or in from them. A type lists its parts once, for both ways.
protocol KeptCoder {
    mutating func pass(_ value: inout Bool)
    mutating func pass(_ value: inout Int64)
    mutating func pass(_ value: inout String)
    mutating func pass(_ value: inout [UInt8])
    mutating func pass<Value: KeptValue>(_ values: inout [Value])
}

extension KeptCoder {
    mutating func pass(_ value: inout Int) {
        var wide = Int64(value)
        pass(&wide)
        value = Int(wide)
    }

    mutating func pass<Value: KeptValue>(_ value: inout Value) { value.pass(through: &self) }

    /// A list of one or none.
    mutating func pass<Value: KeptValue>(_ value: inout Value?) {
        var list = value.map { [$0] } ?? []
        pass(&list)
        value = list.first
    }

    mutating func pass(_ value: inout String?) {
        var texts = value.map { [$0] } ?? []
        pass(&texts)
        value = texts.first
    }

    mutating func pass(_ values: inout [String]) {
        var texts = values.map { KeptText($0) }
        pass(&texts)
        values = texts.map(\.text)
    }

    mutating func pass(_ values: inout [String: String]) {
        var pairs = values.map { KeptPair(key: $0.key, bytes: Array($0.value.utf8)) }
        pass(&pairs)
        values = Dictionary(
            pairs.map { ($0.key, String(decoding: $0.bytes, as: UTF8.self)) }, uniquingKeysWith: { $1 })
    }

    mutating func pass(_ values: inout [String: [UInt8]]) {
        var pairs = values.map { KeptPair(key: $0.key, bytes: $0.value) }
        pass(&pairs)
        values = Dictionary(pairs.map { ($0.key, $0.bytes) }, uniquingKeysWith: { $1 })
    }
}

private struct KeptText: KeptValue {
    var text = ""

    init() {}
    init(_ text: String) { self.text = text }

    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) { coder.pass(&text) }
}

private struct KeptPair: KeptValue {
    var key = ""
    var bytes: [UInt8] = []

    init() {}
    init(key: String, bytes: [UInt8]) { (self.key, self.bytes) = (key, bytes) }

    mutating func pass<Coder: KeptCoder>(through coder: inout Coder) {
        coder.pass(&key)
        coder.pass(&bytes)
    }
}

/// Values out, as bytes: numbers in groups of seven bits, texts and lists behind their lengths.
struct KeptWriter: KeptCoder {
    private(set) var bytes: [UInt8] = []

    mutating func pass(_ value: inout Bool) { bytes.append(value ? 1 : 0) }

    /// Small numbers of both signs are short.
    mutating func pass(_ value: inout Int64) { write(UInt64(bitPattern: value &<< 1 ^ value &>> 63)) }

    mutating func pass(_ value: inout String) {
        write(UInt64(value.utf8.count))
        bytes += value.utf8
    }

    mutating func pass(_ value: inout [UInt8]) {
        write(UInt64(value.count))
        bytes += value
    }

    mutating func pass<Value: KeptValue>(_ values: inout [Value]) {
        write(UInt64(values.count))
        for var value in values { value.pass(through: &self) }
    }

    private mutating func write(_ number: UInt64) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Values in. Whatever the bytes are, it reads something: what is not there is empty, and `isBroken` says so.
struct KeptReader: KeptCoder {
    private let bytes: [UInt8]
    private var at = 0
    /// Something was not as a writer has it.
    private(set) var isBroken = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether everything was read.
    var isAtEnd: Bool { at == bytes.count }

    mutating func pass(_ value: inout Bool) {
        let byte = take(1).first ?? 2
        value = byte == 1
        if byte > 1 { isBroken = true }
    }

    mutating func pass(_ value: inout Int64) {
        let number = readNumber()
        value = Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    mutating func pass(_ value: inout String) { value = String(decoding: take(readCount()), as: UTF8.self) }

    mutating func pass(_ value: inout [UInt8]) { value = Array(take(readCount())) }

    /// An element is a byte at least, so no more is made than there are bytes.
    mutating func pass<Value: KeptValue>(_ values: inout [Value]) {
        let count = readCount()
        values = []
        values.reserveCapacity(min(count, 1_024))
        for _ in 0..<count where !isBroken {
            var value = Value()
            value.pass(through: &self)
            values.append(value)
        }
    }

    /// How many of something follow; never more than there are bytes.
    private mutating func readCount() -> Int {
        let count = readNumber()
        guard count <= UInt64(bytes.count - at) else {
            isBroken = true
            return 0
        }
        return Int(count)
    }

    private mutating func readNumber() -> UInt64 {
        var (number, shift): (UInt64, UInt64) = (0, 0)
        while at < bytes.count, shift < 64 {
            let byte = bytes[at]
            at += 1
            number |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return number }
            shift += 7
        }
        isBroken = true
        return 0
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        guard count <= bytes.count - at else {
            isBroken = true
            return []
        }
        defer { at += count }
        return bytes[at..<at + count]
    }
}
