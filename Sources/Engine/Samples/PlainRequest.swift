import Basics
import Wire

/// A request as plain tests look at it: where its parts stand is found out once, and good until its head changes. A worker has room
/// for one.
struct PlainRequest: ~Copyable {
    let head: ByteView
    /// What is matched and forwarded as path and query.
    let target: ByteView
    let method: ByteView
    /// Empty where the request names none.
    let host: ByteView
    /// The client's address.
    let source: SocketAddress
    let isTLS: Bool
    /// Where the query's `?` stands; without a query behind the last byte.
    private let mark: Int
    private let hasPath: Bool

    init(
        _ request: borrowing RequestHead, head: ByteView, target: ByteView, source: SocketAddress, isTLS: Bool
    ) {
        self.head = head
        self.target = target
        method = head[request.method.indices]
        host = head[request.host.indices]
        self.source = source
        self.isTLS = isTLS
        mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        hasPath = !target.isEmpty && target[0] == UInt8(ascii: "/")
    }

    /// None.
    init() {
        self.init(RequestHead(), head: .empty, target: .empty, source: SocketAddress(), isTLS: false)
    }

    /// The path without its query; nil of what has none.
    var path: ByteView? { hasPath ? target[0..<mark] : nil }

    /// The path with its query; nil of what has no path.
    var pathAndQuery: ByteView? { hasPath ? target : nil }

    /// What stands behind the `?`; nil without one.
    var query: ByteView? { hasQuery ? target[mark + 1..<target.count] : nil }

    var hasQuery: Bool { mark < target.count }
}
