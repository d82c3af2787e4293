import Basics
import Model

/// What is found in the bytes with which a connection begins.
enum Payload {
    /// `isAll`: more of them would be more of these.
    case bytes(ByteView, isAll: Bool)
    /// They have not come yet.
    case notYet
    /// They can not come: there is no such place, or more than is ever looked at.
    case never

    /// As much as HAProxy looks at by default.
    static var most: Int { 16_384 }

    init(_ read: PayloadRead, in received: ByteView) {
        switch read {
        case .length: self = .bytes(received, isAll: true)
        case .bytes(let offset, 0):
            self = offset > received.count ? .notYet : .bytes(received[offset..<received.count], isAll: true)
        case .bytes(let offset, let count): self = Payload.cut(received, at: offset, count)
        case .prefixed(let offset, let length, let start, let isRelative):
            guard offset + length <= received.count else {
                self = offset + length > Payload.most ? .never : .notYet
                return
            }
            // Eight bytes at most: HAProxy shifts earlier ones out as well.
            var count: UInt64 = 0
            for i in offset..<offset + length { count = count << 8 | UInt64(received[i]) }
            let place = isRelative ? offset + length + start : start
            guard count > 0, count <= UInt64(Payload.most), place >= 0 else {
                self = .never
                return
            }
            self = Payload.cut(received, at: place, Int(count))
        }
    }

    private static func cut(_ received: ByteView, at offset: Int, _ count: Int) -> Payload {
        guard offset + count <= most else { return .never }
        guard offset + count <= received.count else { return .notYet }
        return .bytes(received[offset..<offset + count], isAll: false)
    }
}
