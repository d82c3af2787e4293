import Basics

/// The fields in which servers are told of clients' certificates: what a client itself says there is removed.
final class ClaimedFields: Sendable {
    // In lower case, with hyphens for underscores.
    private let names: FixedArray<FixedArray<UInt8>>

    init(_ names: [String]) {
        let folded = Array(Set(names.map { ClaimedFields.folded(Array($0.utf8)) }))
        self.names = FixedArray(count: folded.count) { i in
            FixedArray(count: folded[i].count) { folded[i][$0] }
        }
    }

    /// Whether `name` is one of them, as servers may read it: some take an underscore for a hyphen, and none tells cases apart.
    func contains(_ name: ByteView) -> Bool {
        for i in 0..<names.count where isSame(name, i) { return true }
        return false
    }

    private func isSame(_ name: ByteView, _ index: Int) -> Bool {
        guard names[index].count == name.count else { return false }
        for i in 0..<name.count where ClaimedFields.folded(name[i]) != names[index][i] { return false }
        return true
    }

    private static func folded(_ name: [UInt8]) -> [UInt8] { name.map { folded($0) } }

    private static func folded(_ byte: UInt8) -> UInt8 {
        if byte == UInt8(ascii: "_") { return UInt8(ascii: "-") }
        return byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }
}
