/// The names of servers that a connection has carried already: each is sent as text once, and then by its number. Both sides count
/// on their own; a number that is used again means the new name.
public struct PeerNames: Sendable {
    private var received: [[UInt8]?]
    private var sent: [[UInt8]?]
    private var numbers: [[UInt8]: Int] = [:]
    private var next = 0

    /// How many either side keeps.
    public static let most = 128

    /// Nothing was said yet.
    public init() {
        received = Array(repeating: nil, count: PeerNames.most)
        sent = received
    }

    /// The names that were sent and received, by their numbers; for who looks.
    public var all: (sent: [[UInt8]?], received: [[UInt8]?]) { (sent, received) }

    /// A name as it stands in an update: its number, and the text if it is new. Nil for a number that was never told.
    mutating func read(_ bytes: ArraySlice<UInt8>) throws(PeerFault) -> [UInt8]? {
        var cursor = PeerCursor(bytes)
        guard let number = cursor.count(most: PeerNames.most), number > 0 else { throw .malformed }
        guard cursor.count > 0 else { return received[number - 1] }
        guard let length = cursor.count(most: bytes.count), let text = cursor.bytes(length) else {
            throw .malformed
        }
        received[number - 1] = Array(text)
        return received[number - 1]
    }

    /// The same to be sent.
    mutating func write(_ name: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        if let number = numbers[name] {
            bytes.append(peerNumber: UInt64(number + 1))
            return bytes
        }
        let number = next
        next = (next + 1) % PeerNames.most
        if let old = sent[number] { numbers[old] = nil }
        sent[number] = name
        numbers[name] = number
        bytes.append(peerNumber: UInt64(number + 1))
        bytes.append(peerNumber: UInt64(name.count))
        return bytes + name
    }
}
