/// Comparing server names: ASCII case and a trailing dot do not matter.
enum ServerName {
    /// Writes `name` in lower case and without a trailing dot to `buffer`, which is at least as long.
    static func fold(_ name: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer)
        -> UnsafeRawBufferPointer
    {
        var count = name.count
        if count > 1, name[count - 1] == UInt8(ascii: ".") { count -= 1 }
        for i in 0..<count {
            let byte = name[i]
            let isUpper = byte &- UInt8(ascii: "A") < 26
            buffer[i] = isUpper ? byte | 0x20 : byte
        }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }
}
