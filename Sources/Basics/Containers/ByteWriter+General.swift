import Glibc

extension ByteWriter {
    /// Appends a number in at most six digits, as C's `%g` writes it: `1.5`, `1e+06`.
    public mutating func append(general number: Double) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { room in
            // The longest is `-1.23457e-308`.
            let count = withVaList([number]) { vsnprintf(room.baseAddress, room.count, "%g", $0) }
            for i in 0..<max(0, min(Int(count), room.count - 1)) { append(UInt8(bitPattern: room[i])) }
        }
    }
}
