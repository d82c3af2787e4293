import Basics
import Model

/// A moment in parts of a second as text: what `strftime` does not know, `%N`, is written in place of it.
struct MomentStep {
    private let format: Literal
    /// How many of its numbers make a second.
    private let unit: Int64
    private let offset: Int64
    private let isLocal: Bool

    init(_ moment: MomentFormat, _ literals: inout Literals) {
        format = literals.add(moment.format)
        unit = Int64(1_000_000_000 / moment.unit.nanoseconds)
        (offset, isLocal) = (moment.offset, moment.isLocal)
    }

    /// The text; nil if it does not fit or there is no such moment.
    func apply(to number: Int64, _ literals: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        let (moment, isOver) = number.addingReportingOverflow(offset)
        guard !isOver else { return nil }
        var (seconds, rest) = moment.quotientAndRemainder(dividingBy: unit)
        if rest < 0 { (seconds, rest) = (seconds - 1, rest + unit) }
        let nanoseconds = rest * (1_000_000_000 / unit)
        let format = literals[format]
        return workspace.write { writer in
            var (start, at) = (0, 0)
            while at < format.count {
                guard format[at] == UInt8(ascii: "%") else {
                    at += 1
                    continue
                }
                guard let place = MomentStep.place(in: format, at: at) else {
                    // `%%N` is no place of digits.
                    at += 2
                    continue
                }
                writer.append(time: seconds, format: format[start..<at].string, isLocal: isLocal)
                MomentStep.write(nanoseconds, digits: place.digits, to: &writer)
                (start, at) = (place.end, place.end)
            }
            writer.append(time: seconds, format: format[start..<format.count].string, isLocal: isLocal)
        }.map { .string($0) }
    }

    /// `%N`, or with so many digits `%3N`.
    private static func place(in format: ByteView, at start: Int) -> (digits: Int, end: Int)? {
        var (digits, at) = (0, start + 1)
        while at < format.count, ForwardedNode.isDigit(format[at]) {
            digits = min(9, digits * 10 + Int(format[at] - UInt8(ascii: "0")))
            at += 1
        }
        guard at < format.count, format[at] == UInt8(ascii: "N") else { return nil }
        return (at == start + 1 ? 9 : digits, at + 1)
    }

    private static func write(_ nanoseconds: Int64, digits: Int, to writer: inout ByteWriter) {
        var unit: Int64 = 100_000_000
        for _ in 0..<digits {
            writer.append(UInt8(truncatingIfNeeded: nanoseconds / unit % 10) + UInt8(ascii: "0"))
            unit = max(1, unit / 10)
        }
    }
}
