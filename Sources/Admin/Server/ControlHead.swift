import Basics
import Wire

/// Reads the head of a control request with the engine's own strict parser.
enum ControlHead {
    /// The most bytes a head may have.
    static let limit = 16_384

    /// Reads the first head in `bytes`.
    static func read(_ bytes: [UInt8]) -> HeadReading<ControlRequest> { read(bytes, judge) }

    /// The same of other requests: `judge` says what a head that is sound comes to.
    static func read<Request>(
        _ bytes: [UInt8], _ judge: (borrowing RequestHead, ByteView, Int) -> HeadReading<Request>
    ) -> HeadReading<Request> {
        let tables = HeaderTablePool(keep: 0)
        var head = RequestHead()
        tables.lend(to: &head.fields)
        return padded(bytes).withView { view in
            let view = view[0..<bytes.count]
            switch head.parse(view) {
            case .incomplete: return bytes.count < limit ? .partial : .refused(431)
            case .refused(let problem): return .refused(problem.status)
            case .complete(let length): return length <= limit ? judge(head, view, length) : .refused(431)
            }
        }
    }

    /// The scanner looks at blocks of bytes and so behind the end.
    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: Buffer.slack)
    }

    private static func judge(_ head: borrowing RequestHead, _ bytes: ByteView, _ length: Int)
        -> HeadReading<ControlRequest>
    {
        guard head.isHead || bytes[head.method.indices].equals("GET") else { return .refused(405) }
        guard head.framing == .none || head.framing == .length(0) else { return .refused(413) }
        let host = HostSyntax.withoutPort(bytes[head.host.indices]).string.lowercased()
        let request = ControlRequest(
            target: bytes[head.path.indices].string, host: host, isHead: head.isHead,
            keepsAlive: head.keepsAlive)
        return .request(request, length: length)
    }
}

/// What the bytes of a head so far are.
enum HeadReading<Request> {
    /// Not complete.
    case partial
    /// A request, and the length of its head.
    case request(Request, length: Int)
    /// Refused with this status; the connection ends.
    case refused(UInt16)
}
