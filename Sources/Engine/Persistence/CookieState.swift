/// What is known of one exchange's persistence cookie; HAProxy's four letters of it in the log come from here.
struct CookieState: Equatable {
    /// What the request brought.
    var request = CookieRequestVerdict.none
    /// What happened to the answer's.
    var response = CookieResponseVerdict.none
    /// Whether the cookie chose the server.
    var isDirect = false
    /// Whether rules chose the server, or forbid the cookie to (`use-server`, `ignore-persist`).
    var isOverruled = false
    /// Whether rules forbid all persistence for this exchange (`ignore-persist`): answers are left alone too.
    var isIgnored = false
    /// Whether servers that are down get those who are kept on them (`force-persist`).
    var isForced = false
    /// When the client was last seen, as its cookie says; 0 if it does not.
    var lastSeen: CookieDate.Seconds = 0
    /// When it was first seen; 0 if unknown.
    var firstSeen: CookieDate.Seconds = 0
}

/// The request's cookie, as HAProxy logs it.
enum CookieRequestVerdict: UInt8 {
    /// None was sent.
    case none = 0x4E  // N
    /// It names no server.
    case invalid = 0x49  // I
    /// It names a server that is down.
    case down = 0x44  // D
    /// It names a server that is up.
    case valid = 0x56  // V
    /// It was not used for too long.
    case expired = 0x45  // E
    /// It was set too long ago.
    case old = 0x4F  // O
    /// It was not looked at: the server was chosen otherwise.
    case unused = 0x55  // U
}

/// The answer's cookie, as HAProxy logs it.
enum CookieResponseVerdict: UInt8 {
    /// None was set.
    case none = 0x4E  // N
    /// The server's own, left alone.
    case passed = 0x50  // P
    /// The server's own was removed.
    case deleted = 0x44  // D
    /// The server's own was rewritten.
    case rewritten = 0x52  // R
    /// One of ours was inserted.
    case inserted = 0x49  // I
    /// One of ours was sent again with a new date.
    case updated = 0x55  // U
}

/// What a cookie's value leads to.
enum CookieServer: Equatable {
    /// No server has it.
    case unknown
    /// A server that takes the request.
    case up
    /// A server that is down and gets the request all the same (`option persist`, `force-persist`).
    case downButKept
    /// A server that is down.
    case down
}

/// What becomes of a header line.
enum CookieLine: Equatable {
    /// It goes on as it is; nothing was written.
    case unchanged
    /// Its new value was written.
    case rewritten
    /// It is left out; nothing was written.
    case dropped
    /// There was no room; nothing was written.
    case full
}
