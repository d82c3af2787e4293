import Basics

/// The cookie with which clients of remote desktops begin, in a message of TPKT and X.224, cut out exactly as HAProxy does.
///
/// ```
///   03 00 length(2) │ length E0 00 00 00 00 00 │ Cookie: mstshash=name CR LF │ …
/// ```
enum DesktopCookie {
    case value(ByteView)
    /// More has to come before it is known.
    case notYet
    /// There is none, or another one.
    case absent

    /// The cookie of a name, in letters of either case; of the empty name whichever it is.
    init(_ name: ByteView, in received: ByteView) {
        let title = ("Cookie:" as StaticString).view
        var at = 11
        guard received.count > at + title.count else {
            self = .notYet
            return
        }
        guard received[at..<at + title.count].equalsIgnoringCase(title) else {
            self = .absent
            return
        }
        at += title.count
        while at < received.count, received[at] == UInt8(ascii: " ") { at += 1 }
        switch DesktopCookie.end(of: name, in: received, from: at) {
        case .found(let start): self = DesktopCookie.line(received, from: start)
        case .notYet: self = .notYet
        case .absent: self = .absent
        }
    }

    private enum Name {
        /// Where its value begins.
        case found(Int)
        case notYet
        case absent
    }

    private static func end(of name: ByteView, in received: ByteView, from start: Int) -> Name {
        guard name.isEmpty else {
            let end = start + name.count
            guard received.count > end else { return .notYet }
            let isIt = received[end] == UInt8(ascii: "=") && received[start..<end].equalsIgnoringCase(name)
            return isIt ? .found(end + 1) : .absent
        }
        for at in start..<received.count {
            switch received[at] {
            case UInt8(ascii: "="): return .found(at + 1)
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"): return .absent
            default: continue
            }
        }
        return .notYet
    }

    /// Up to the end of the line.
    private static func line(_ received: ByteView, from start: Int) -> DesktopCookie {
        let end = received.firstIndex(of: UInt8(ascii: "\r"), from: start) ?? received.count
        guard received.count - end >= 2 else { return .notYet }
        return received[end + 1] == UInt8(ascii: "\n") ? .value(received[start..<end]) : .absent
    }
}
