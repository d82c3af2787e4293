import Basics

/// Reads along with a connection's frames, before libnghttp2 sees them, and says when there are too many of a kind.
///
/// It exists because libnghttp2 tells nothing of frames that it ignores (DATA of closed streams, fields behind a GOAWAY,
/// unknown types), which are what floods are made of, and because what an older library does not bound must be bounded
/// all the same. It looks at the nine bytes in front of each frame and skips the rest.
///
/// ```
///   preface ─► frame header ─► payload ─┐
///     24       │  9                     │
///              └────────◄───────────────┘
/// ```
struct FrameMeter {
    /// What was too much; nothing is looked at any more.
    private(set) var fault: HTTP2Fault?
    /// A head has begun and not ended: no other frame may come until it does.
    private(set) var isInsideHead = false
    /// How many frames have begun.
    private(set) var count: UInt32 = 0

    private let isServer: Bool
    private var prefaceLeft: Int
    private var payloadLeft = 0
    private var headerCount = 0
    /// The frame header's bytes as they come: length (24 bits), type (8), flags (8), stream (31).
    private var header: (first: UInt64, last: UInt8) = (0, 0)
    private var continuations = 0
    private var newestStream: UInt32 = 0
    private var endsHead = false

    private var resets = Pace()
    private var settings = Pace()
    private var pings = Pace()
    private var priorities = Pace()
    private var windowUpdates = Pace()
    private var emptyData = Pace()
    private var unknown = Pace()

    init(isServer: Bool) {
        self.isServer = isServer
        prefaceLeft = isServer ? HTTP2Preface.count : 0
    }

    /// How many of `bytes` libnghttp2 may have now: up to `frames` frames, and not beyond the one that is too much.
    /// On a client's side also not beyond the end of a head, so that an interim answer can be read before the next.
    mutating func pass(_ bytes: ByteView, frames: Int, limits: HTTP2Limits, now: UInt64) -> Int {
        var at = min(prefaceLeft, bytes.count)
        prefaceLeft &-= at
        var left = frames
        while at < bytes.count, fault == nil {
            if payloadLeft > 0 {
                let skipped = min(payloadLeft, bytes.count &- at)
                payloadLeft &-= skipped
                at &+= skipped
            } else {
                let start = at
                guard takeHeader(bytes, &at) else { return at }
                count &+= 1
                begin(limits, now)
                if fault != nil { return start }
                left &-= 1
            }
            if payloadLeft == 0, left <= 0 || endsHead && !isServer {
                endsHead = false
                return at
            }
        }
        return at
    }

    /// DATA went out: pings and window updates that answer it are no flood. Tiny pieces earn nothing, for a peer
    /// may ask for them one by one.
    mutating func sentData(_ count: Int, _ limits: HTTP2Limits) {
        guard count >= 512 else { return }
        pings.forgive(limits.pings)
        windowUpdates.forgive(limits.windowUpdates, 4)
    }

    /// Gathers the nine bytes; true when they are there.
    private mutating func takeHeader(_ bytes: ByteView, _ at: inout Int) -> Bool {
        if headerCount == 0, bytes.count &- at >= 9 {
            header = (UInt64(bigEndian: bytes.word(at: at)), bytes[at &+ 8])
            at &+= 9
            return true
        }
        while at < bytes.count {
            if headerCount == 8 {
                header.last = bytes[at]
                at &+= 1
                headerCount = 0
                return true
            }
            header.first = headerCount == 0 ? UInt64(bytes[at]) : header.first << 8 | UInt64(bytes[at])
            headerCount &+= 1
            at &+= 1
        }
        return false
    }

    private var stream: UInt32 {
        UInt32(truncatingIfNeeded: header.first & 0x7F_FFFF) << 8 | UInt32(header.last)
    }

    private mutating func begin(_ limits: HTTP2Limits, _ now: UInt64) {
        payloadLeft = Int(header.first >> 40)
        let type = UInt8(truncatingIfNeeded: header.first >> 32)
        let flags = UInt8(truncatingIfNeeded: header.first >> 24)
        switch type {
        case Self.data: data(flags, limits, now)
        case Self.headers, Self.pushPromise: beginHead(flags, limits)
        case Self.continuation: continueHead(flags, limits)
        // A server's resets answer requests of ours.
        case Self.rstStream where !isServer: break
        case Self.rstStream: if !resets.take(limits.resets, now: now) { fault = .resetFlood }
        case Self.settingsType where flags & Self.acknowledged != 0: break
        case Self.settingsType: if !settings.take(limits.settingsFrames, now: now) { fault = .settingsFlood }
        case Self.ping: if !pings.take(limits.pings, now: now) { fault = .pingFlood }
        // RFC 9113 6.3; the library passes over all of them.
        case Self.priority where stream == 0: fault = .brokenFraming
        case Self.priority: if !priorities.take(limits.priorities, now: now) { fault = .priorityFlood }
        case Self.windowUpdate:
            if !windowUpdates.take(limits.windowUpdates, now: now) { fault = .windowUpdateFlood }
        default: if !unknown.take(limits.unknownFrames, now: now) { fault = .unknownFrameFlood }
        }
    }

    private mutating func data(_ flags: UInt8, _ limits: HTTP2Limits, _ now: UInt64) {
        guard flags & Self.endsStream == 0 else { return }
        // A padded frame this short may be padding alone; nobody who pads in earnest sends many.
        let isEmpty = payloadLeft == 0 || flags & Self.padded != 0 && payloadLeft <= 256
        if isEmpty, !emptyData.take(limits.emptyData, now: now) { fault = .emptyDataFlood }
    }

    private mutating func beginHead(_ flags: UInt8, _ limits: HTTP2Limits) {
        continuations = 0
        endsHead = flags & Self.endsHeaders != 0
        isInsideHead = !endsHead
        guard stream > newestStream else { return }
        // A new request explains a few frames around it.
        newestStream = stream
        pings.forgive(limits.pings)
        priorities.forgive(limits.priorities)
        windowUpdates.forgive(limits.windowUpdates)
        unknown.forgive(limits.unknownFrames)
    }

    private mutating func continueHead(_ flags: UInt8, _ limits: HTTP2Limits) {
        continuations &+= 1
        if continuations > limits.continuations { fault = .continuationFlood }
        endsHead = flags & Self.endsHeaders != 0
        isInsideHead = !endsHead
    }

    private static var data: UInt8 { 0 }
    private static var headers: UInt8 { 1 }
    private static var priority: UInt8 { 2 }
    private static var rstStream: UInt8 { 3 }
    private static var settingsType: UInt8 { 4 }
    private static var pushPromise: UInt8 { 5 }
    private static var ping: UInt8 { 6 }
    private static var windowUpdate: UInt8 { 8 }
    private static var continuation: UInt8 { 9 }

    private static var endsStream: UInt8 { 0x1 }
    private static var acknowledged: UInt8 { 0x1 }
    private static var endsHeaders: UInt8 { 0x4 }
    private static var padded: UInt8 { 0x8 }
}
