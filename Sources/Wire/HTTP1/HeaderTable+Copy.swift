public import Basics

extension HeaderTable {
    /// Writes all fields of a message but those marked.
    public func writeKept(from head: ByteView, to output: inout ByteWriter) {
        writeKept(from: head, to: &output, dropping: HeaderNames())
    }

    /// Writes the kept fields of a message.
    ///
    /// `drops` says which known fields are left out besides those already marked. Neighbouring fields whose lines are
    /// exactly what we would write are copied as one run; the others are written anew.
    public func writeKept(from head: ByteView, to output: inout ByteWriter, dropping drops: HeaderNames) {
        var (runStart, runEnd) = (0, 0)
        forEach { field in
            if field.isRemoved || drops.contains(field.name) { return }
            let start = Int(field.nameStart)
            if field.isCanonical, start == runEnd {
                runEnd = field.lineEnd
                return
            }
            if runEnd > 0 { output.append(head[runStart..<runEnd]) }
            (runStart, runEnd) = field.isCanonical ? (start, field.lineEnd) : (0, 0)
            if !field.isCanonical { writeAnew(field, from: head, to: &output) }
        }
        if runEnd > 0 { output.append(head[runStart..<runEnd]) }
    }

    private func writeAnew(_ field: HeaderField, from head: ByteView, to output: inout ByteWriter) {
        output.append(field.name(in: head))
        output.append(": ")
        output.append(field.value(in: head))
        output.append("\r\n")
    }
}

/// A set of known field names.
public struct HeaderNames: Sendable {
    private var bits: UInt64 = 0

    /// No names.
    public init() {}

    /// All names from one to another in the order of their declaration.
    @inline(__always)
    public init(from first: HeaderName, to last: HeaderName) {
        bits = (2 << UInt64(last.rawValue)) &- (1 << UInt64(first.rawValue))
    }

    /// These names and one more.
    @inline(__always)
    public func with(_ name: HeaderName) -> HeaderNames {
        var more = self
        more.bits |= 1 << UInt64(name.rawValue)
        return more
    }

    /// Whether `name` is among them.
    @inline(__always)
    public func contains(_ name: HeaderName) -> Bool { bits >> UInt64(name.rawValue) & 1 != 0 }

    /// What concerns one connection only (RFC 9110 7.6.1), and the length, which is written anew.
    static var hopByHop: HeaderNames {
        HeaderNames().with(.connection).with(.keepAlive).with(.proxyConnection).with(.te)
            .with(.transferEncoding).with(.upgrade).with(.contentLength)
    }

    /// What is not passed on of a request: Host is written anew, and a CGI backend would take `Proxy` for HTTP_PROXY
    /// (httpoxy).
    static var ofRequestsOnly: HeaderNames { hopByHop.with(.host).with(.proxy) }
}
