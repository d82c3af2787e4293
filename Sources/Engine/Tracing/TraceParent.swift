import Basics

/// What a `traceparent` field says (W3C Trace Context): which trace a request belongs to, and which span it comes from.
///
/// ```
///   00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
///   │  trace                            span             flags
/// ```
struct TraceParent: Equatable {
    /// The trace's id; not all zeros.
    var traceHigh: UInt64
    var traceLow: UInt64
    /// The sender's span; not zero.
    var span: UInt64
    /// Whether the sender may have recorded it.
    var isSampled: Bool

    init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, isSampled: Bool) {
        (self.traceHigh, self.traceLow, self.span, self.isSampled) = (traceHigh, traceLow, span, isSampled)
    }

    /// Reads a field; nil if a strict reader must not take it: another length, upper case, an id of zeros, version `ff`. Versions to
    /// come are read as the one that is known, if what they add stands behind it.
    init?(_ text: ByteView) {
        guard text.count >= TraceParent.length, let version = TraceParent.number(text, 0..<2), version != 0xFF
        else { return nil }
        let isLonger = text.count > TraceParent.length
        guard !isLonger || version != 0 && text[TraceParent.length] == TraceParent.dash else { return nil }
        guard text[2] == TraceParent.dash, text[35] == TraceParent.dash, text[52] == TraceParent.dash,
            let high = TraceParent.number(text, 3..<19), let low = TraceParent.number(text, 19..<35),
            let span = TraceParent.number(text, 36..<52), let flags = TraceParent.number(text, 53..<55),
            high | low != 0, span != 0
        else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, isSampled: flags & 1 == 1)
    }

    /// Of nobody.
    static let none = TraceParent(traceHigh: 0, traceLow: 0, span: 0, isSampled: false)

    static let length = 55
    private static let dash = UInt8(ascii: "-")

    /// Digits of lower case alone.
    private static func number(_ text: ByteView, _ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for i in range {
            switch text[i] {
            case let byte where byte &- UInt8(ascii: "0") < 10:
                value = value << 4 | UInt64(byte &- UInt8(ascii: "0"))
            case let byte where byte &- UInt8(ascii: "a") < 6:
                value = value << 4 | UInt64(byte &- UInt8(ascii: "a") &+ 10)
            default: return nil
            }
        }
        return value
    }

    /// Writes it as version 00, the one there is.
    func write(to output: inout ByteWriter) {
        output.append("00-")
        writeTrace(to: &output)
        output.append("-")
        output.append(hexDigits: span)
        output.append(isSampled ? "-01" : "-00")
    }

    /// Writes the trace's id.
    func writeTrace(to output: inout ByteWriter) {
        output.append(hexDigits: traceHigh)
        output.append(hexDigits: traceLow)
    }
}
