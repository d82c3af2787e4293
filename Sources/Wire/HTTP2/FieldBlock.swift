public import Basics
import CNghttp2

/// The fields of a head that is about to be sent: filled in, submitted, filled in again.
///
/// Names and values stay where they are until the head is submitted, which copies them, letters of names made small. So what is
/// added must live until then. Fields that concern one connection (RFC 9113 8.2.2) are left out, whoever adds them.
public final class FieldBlock {
    private let fields: UnsafeMutablePointer<nghttp2_nv>
    private(set) var count = 0
    /// `:status` in three digits.
    private let digits: UnsafeMutablePointer<UInt8>

    /// Those of a full table and what is added to them.
    static var limit: Int { HeaderTable.limit + 64 }

    init() {
        fields = .allocate(capacity: Self.limit)
        digits = .allocate(capacity: 3)
        digits.initialize(repeating: 0x30, count: 3)
    }

    deinit {
        fields.deallocate()
        digits.deallocate()
    }

    /// Begins trailers.
    public func begin() { count = 0 }

    /// Begins an answer; a status that has not three digits becomes 502.
    public func begin(status: UInt16) {
        count = 0
        let status = status >= 100 && status < 1000 ? status : 502
        digits[0] = UInt8(truncatingIfNeeded: status / 100) | 0x30
        digits[1] = UInt8(truncatingIfNeeded: status / 10 % 10) | 0x30
        digits[2] = UInt8(truncatingIfNeeded: status % 10) | 0x30
        append((":status" as StaticString).view, ByteView(start: digits, count: 3))
    }

    /// Whether the status it began with is a 2xx.
    var isSuccess: Bool { digits[0] == UInt8(ascii: "2") }

    /// Begins and fills the answer that tells a gRPC client what `status` would have told another: fields alone, no body.
    public func begin(grpcForHTTP status: UInt16) {
        begin(status: 200)
        append(("content-type" as StaticString).view, ("application/grpc" as StaticString).view)
        let code = Int(GRPC.status(ofHTTP: status))
        append(("grpc-status" as StaticString).view, Self.decimal(code))
        append(("grpc-message" as StaticString).view, HTTPStatus.reason(status).view)
    }

    /// A number below 20 in decimal.
    private static func decimal(_ number: Int) -> ByteView {
        let digits: StaticString = "012345678910111213141516171819"
        return number < 10 ? digits.view[number..<number + 1] : digits.view[2 * number - 10..<2 * number - 8]
    }

    /// Begins a request; an empty `authority` is left out. `tunnelProtocol` makes it an extended CONNECT (RFC 8441).
    public func begin(
        method: ByteView, scheme: StaticString, authority: ByteView, path: ByteView,
        tunnelProtocol: ByteView = .empty
    ) {
        count = 0
        append((":method" as StaticString).view, method)
        append((":scheme" as StaticString).view, scheme.view)
        if !authority.isEmpty { append((":authority" as StaticString).view, authority) }
        append((":path" as StaticString).view, path)
        if !tunnelProtocol.isEmpty { append((":protocol" as StaticString).view, tunnelProtocol) }
    }

    /// Adds a field; false if there are too many.
    @discardableResult
    public func add(_ name: ByteView, _ value: ByteView) -> Bool {
        switch HeaderName(name) {
        case .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade, .host: return true
        case .te:
            guard HeadReader.acceptsTrailers(te: value) else { return true }
            return append(name, ("trailers" as StaticString).view)
        default: return name.equalsIgnoringCase("http2-settings") ? true : append(name, value)
        }
    }

    /// Adds a field with a fixed name.
    @discardableResult
    public func add(_ name: StaticString, _ value: ByteView) -> Bool { add(name.view, value) }

    /// Adds the fields of a head that are kept, but for those of `drops`.
    public func add(kept table: borrowing HeaderTable, from head: ByteView, dropping drops: HeaderNames)
        -> Bool
    {
        for i in 0..<table.count {
            let field = table[i]
            if field.isRemoved || drops.contains(field.name) { continue }
            guard add(field.name(in: head), field.value(in: head)) else { return false }
        }
        return true
    }

    /// Adds lines as HTTP/1 has them (`name: value`, CRLF), up to an empty one; false if one is not a line.
    public func add(lines: ByteView) -> Bool {
        var at = 0
        while at < lines.count {
            guard let end = lines.firstIndex(of: UInt8(ascii: "\r"), from: at) else { return false }
            if end == at { return true }
            let line = lines[at..<end]
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return false }
            guard add(line[0..<colon], line[colon + 1..<line.count].trimmed) else { return false }
            at = end + 2
        }
        return true
    }

    @discardableResult
    private func append(_ name: ByteView, _ value: ByteView) -> Bool {
        guard count < Self.limit else { return false }
        (fields + count).initialize(
            to: nghttp2_nv(
                name: UnsafeMutablePointer(mutating: name.withPointer { start, _ in start }),
                value: UnsafeMutablePointer(mutating: value.withPointer { start, _ in start }),
                namelen: name.count, valuelen: value.count, flags: 0))
        count &+= 1
        return true
    }

    /// The field at `index`, as it was added.
    subscript(index: Int) -> (name: ByteView, value: ByteView) {
        precondition(index >= 0 && index < count, "no such field")
        let field = fields[index]
        return (
            ByteView(start: field.name, count: field.namelen),
            ByteView(start: field.value, count: field.valuelen)
        )
    }

    func withFields<Result>(_ body: (UnsafePointer<nghttp2_nv>, Int) -> Result) -> Result {
        body(UnsafePointer(fields), count)
    }
}
