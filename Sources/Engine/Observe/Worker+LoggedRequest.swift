import Basics
import Model
import Wire

/// The request's first line and its parts, as they came.
extension Worker.LoggedFacts {
    func writeRequest(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) {
        let isKnown = withRequestLine { write(variable, flags, $0, $1, to: &line) }
        if !isKnown { line.append(("<BADREQ>" as StaticString).view, as: flags, .target) }
    }

    /// Calls `body` with the method and the target as they came; false is that no request was read.
    func withRequestLine(_ body: (_ method: ByteView, _ target: ByteView) -> Void) -> Bool {
        guard let exchange, exchange[].headAt > 0, !exchange[].isSession else { return false }
        guard let saved = exchange[].savedLine else {
            let head = worker.head(of: exchange)
            let target = head[exchange[].request.target.indices]
            body(head[exchange[].request.method.indices], target[0..<min(target.count, 4096)])
            return true
        }
        saved._withUnsafeGuaranteedRef { saved in
            saved.method.withView { method in saved.target.withView { body(method, $0) } }
        }
        return true
    }

    private func write(
        _ variable: LogVariable, _ flags: FormatFlags, _ method: ByteView, _ target: ByteView,
        to line: inout ByteWriter
    ) {
        switch variable {
        case .method: return line.append(method, as: flags, .target)
        case .version: return line.append(version, as: flags, .target)
        case .target: return line.append(target, as: flags, .target)
        case .pathOrAddress: return line.append(RequestTarget(target).withoutQuery, as: flags, .target)
        case .path: return line.append(RequestTarget(target).path, as: flags, .target)
        case .query: return line.append(RequestTarget(target).query, as: flags, .target)
        default: break
        }
        if flags.contains(.quoted) { line.append("\"") }
        line.appendEncoded(method, flags, .target)
        line.append(" ")
        line.appendEncoded(target, flags, .target)
        line.append(" ")
        line.append(version)
        if flags.contains(.quoted) { line.append("\"") }
    }

    var version: ByteView {
        if client[].transport.isStream { return ("HTTP/2.0" as StaticString).view }
        return exchange?[].request.minorVersion == 0
            ? ("HTTP/1.0" as StaticString).view : ("HTTP/1.1" as StaticString).view
    }
}

/// The parts of a target as HAProxy's logs cut it.
struct RequestTarget {
    private let target: ByteView

    init(_ target: ByteView) { self.target = target }

    private var queryStart: Int { target.firstIndex(of: UInt8(ascii: "?")) ?? target.count }

    /// Up to the question mark.
    var withoutQuery: ByteView { target[0..<queryStart] }

    /// With its question mark; nothing if there is none.
    var query: ByteView { target[queryStart..<target.count] }

    /// Without scheme and host; nothing of a target that is none (`*`, `host:port`).
    var path: ByteView {
        let front = withoutQuery
        guard !front.isEmpty, front[0] != UInt8(ascii: "/") else { return front }
        guard let colon = front.firstIndex(of: UInt8(ascii: ":")), front.count > colon + 2,
            front[colon + 1] == UInt8(ascii: "/"), front[colon + 2] == UInt8(ascii: "/"),
            let slash = front.firstIndex(of: UInt8(ascii: "/"), from: colon + 3)
        else { return .empty }
        return front[slash..<front.count]
    }
}
