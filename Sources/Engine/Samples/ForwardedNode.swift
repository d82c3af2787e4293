import Basics
import Wire

/// Who sent a request, or to whom, as RFC 7239 (6) writes it: `192.0.2.1`, `[2001:db8::1]:443`, `_hidden:_port`, `unknown`.
struct ForwardedNode {
    let name: Name
    let port: Port?
    /// All of it.
    let text: ByteView

    enum Name {
        case address(SocketAddress)
        /// With the `_` in front, or `unknown`.
        case text(ByteView)
    }

    enum Port {
        case number(Int64)
        /// With the `_` in front.
        case text(ByteView)
    }

    /// Reads one at the beginning of `bytes`; nil if there is none. Outside of quotation marks nodes have neither brackets nor a port.
    init?(_ bytes: ByteView, isQuoted: Bool) {
        guard let name = ForwardedNode.name(bytes, isQuoted: isQuoted) else { return nil }
        var end = name.end
        self.name = name.name
        guard end < bytes.count, bytes[end] == UInt8(ascii: ":") else {
            (port, text) = (nil, bytes[0..<end])
            return
        }
        guard isQuoted, let port = ForwardedNode.port(bytes[end + 1..<bytes.count]) else { return nil }
        end += 1 + port.end
        (self.port, text) = (port.port, bytes[0..<end])
    }

    /// Reads its name at the beginning of `bytes`, and how long that is.
    static func name(_ bytes: ByteView, isQuoted: Bool) -> (name: Name, end: Int)? {
        guard !bytes.isEmpty else { return nil }
        let unknown = ("unknown" as StaticString).view
        switch bytes[0] {
        case UInt8(ascii: "_"):
            let end = 1 + hiddenCount(bytes[1..<bytes.count])
            return end > 1 ? (.text(bytes[0..<end]), end) : nil
        case UInt8(ascii: "u"): return bytes.hasPrefix(unknown) ? (.text(bytes[0..<7]), 7) : nil
        case UInt8(ascii: "[") where isQuoted:
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")),
                let address = SocketAddress(bytes[1..<end]),
                address.isV6
            else { return nil }
            return (.address(address), end + 1)
        default:
            var end = 0
            while end < bytes.count, isDigit(bytes[end]) || bytes[end] == UInt8(ascii: ".") { end += 1 }
            guard let address = SocketAddress(bytes[0..<end]), !address.isV6 else { return nil }
            return (.address(address), end)
        }
    }

    /// The same of its port.
    static func port(_ bytes: ByteView) -> (port: Port, end: Int)? {
        if !bytes.isEmpty, bytes[0] == UInt8(ascii: "_") {
            let end = 1 + hiddenCount(bytes[1..<bytes.count])
            return end > 1 ? (.text(bytes[0..<end]), end) : nil
        }
        return number(bytes).map { (.number($0.value), $0.end) }
    }

    /// A port from 1 on.
    static func number(_ bytes: ByteView) -> (value: Int64, end: Int)? {
        var (value, end): (Int64, Int) = (0, 0)
        while end < bytes.count, isDigit(bytes[end]) {
            value = value * 10 + Int64(bytes[end] - UInt8(ascii: "0"))
            guard value <= 65_535 else { return nil }
            end += 1
        }
        return value > 0 ? (value, end) : nil
    }

    /// How many bytes names may have that stand for something else.
    static func hiddenCount(_ bytes: ByteView) -> Int {
        var end = 0
        while end < bytes.count, isLetterOrDigit(bytes[end]) || "._-".utf8.contains(bytes[end]) { end += 1 }
        return end
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }
}
