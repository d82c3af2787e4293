public import Basics

/// How some names of fields are to be written in heads of HTTP/1, for readers who know them in one case alone: HAProxy's
/// `h1-case-adjust`. Case is all that changes, so a head is adjusted where it stands.
public final class FieldNameCases: Sendable {
    private let names: FixedArray<FixedArray<UInt8>>

    /// Nil if no name is to be written in a case of its own.
    public init?(_ names: [String]) {
        guard !names.isEmpty else { return nil }
        self.names = FixedArray(count: names.count) { FixedArray(names[$0]) }
    }

    /// Adjusts the names of a message that begins with its first line; what stands behind its head stays.
    public func apply(to message: inout Buffer) {
        _ = message.withMutableBytes { bytes, count in
            let view = ByteView(start: bytes, count: count)
            var start = end(ofLineAt: 0, in: view)
            while start < count, view[start] != UInt8(ascii: "\r") {
                let next = end(ofLineAt: start, in: view)
                if let colon = view[start..<next].firstIndex(of: UInt8(ascii: ":")),
                    let place = place(of: view[start..<start + colon])
                {
                    let name = names.reference(place)[].view
                    for i in 0..<colon { bytes[start + i] = name[i] }
                }
                start = next
            }
        }
    }

    private func end(ofLineAt start: Int, in view: ByteView) -> Int {
        view.firstIndex(of: UInt8(ascii: "\n"), from: start).map { $0 + 1 } ?? view.count
    }

    private func place(of name: ByteView) -> Int? {
        for i in 0..<names.count where names.reference(i)[].view.equalsIgnoringCase(name) { return i }
        return nil
    }
}
