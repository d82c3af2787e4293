import Glibc

extension ByteWriter {
    /// Appends a moment, in seconds since 1970, as `strftime` writes it: nothing if that takes more than 256 bytes.
    public mutating func append(time seconds: Int64, format: String, isLocal: Bool) {
        var moment = time_t(seconds)
        var parts = tm()
        guard (isLocal ? localtime_r(&moment, &parts) : gmtime_r(&moment, &parts)) != nil else { return }
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { room in
            let count = room.baseAddress.map { strftime($0, room.count, format, &parts) } ?? 0
            for i in 0..<count { append(UInt8(bitPattern: room[i])) }
        }
    }
}
