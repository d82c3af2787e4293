import Basics

/// The two parts of what a `Host` field says.
struct HostPort {
    let host: ByteView
    /// 0 without one.
    let port: Int64

    init(_ text: ByteView) {
        // Only digits stand behind the colon of a port; brackets have colons of their own.
        guard let colon = text.lastIndex(of: UInt8(ascii: ":")),
            (colon + 1..<text.count).allSatisfy({ text[$0] &- UInt8(ascii: "0") < 10 })
        else {
            (host, port) = (text, 0)
            return
        }
        host = text[0..<colon]
        port = text[colon + 1..<text.count].decimal ?? 0
    }
}
