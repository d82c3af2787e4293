import CNghttp2

/// Keeping a connection alive, and ending it without loss.
extension HTTP2Session {
    /// Begins a graceful end. The peer is told first that no stream beyond the largest number counts, so that what is
    /// already on its way is still answered; its answer to a PING behind that shows when nothing of the kind can come.
    public func beginDrain() {
        guard drain == .none, failure == nil, !isClosed else { return }
        guard context.isServer else { return finishDrain() }
        drain = .announced
        nghttp2_submit_shutdown_notice(raw)
        submitPing(.drain)
    }

    /// Ends it now: streams that come later are not answered. Called by itself when the peer has answered the PING,
    /// and by an owner that does not want to wait for that.
    public func finishDrain() {
        guard drain != .final, failure == nil, !isClosed else { return }
        drain = .final
        nghttp2_submit_goaway(
            raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), nghttp2_session_get_last_proc_stream_id(raw),
            HTTP2ErrorCode.noError.rawValue, nil, 0)
    }

    /// Asks the peer for a sign of life; `unansweredPings` goes back to 0 with its answer.
    public func ping() {
        guard failure == nil, !isClosed else { return }
        unansweredPings &+= 1
        submitPing(.keepAlive)
    }

    /// What an interval of quiet has led to.
    public enum Quiet: Sendable, Equatable {
        /// The peer was asked for a sign of life; the next interval, in ms.
        case asked(next: Int)
        /// It has been quiet for as long as it may.
        case over
        /// It gave no sign since it was asked. Counted as `unansweredPing`.
        case lost
    }

    /// An interval (ms) is over in which nothing was heard, of the `limit` (ms, 0 is none) that quiet may last since `quietSince`.
    public func endInterval(_ interval: Int, of limit: Int, now: UInt64) -> Quiet {
        guard unansweredPings == 0 else {
            context.count(.unansweredPing)
            return .lost
        }
        guard limit == 0 || quiet(now) < limit else { return .over }
        ping()
        return .asked(next: nextInterval(interval, of: limit, now: now))
    }

    /// How long to wait until the peer is asked, or until quiet has lasted as long as it may (ms).
    public func nextInterval(_ interval: Int, of limit: Int, now: UInt64) -> Int {
        limit == 0 ? interval : max(1, min(interval, limit - quiet(now)))
    }

    private func quiet(_ now: UInt64) -> Int { Int(clamping: (now &- quietSince) / 1_000_000) }

    /// The last byte of a PING's payload says what it was sent for.
    private enum PingPurpose: UInt8 {
        case keepAlive = 1
        case drain = 2
    }

    private func submitPing(_ purpose: PingPurpose) {
        let payload: [UInt8] = [0, 0, 0, 0, 0, 0, 0, purpose.rawValue]
        nghttp2_submit_ping(raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), payload)
    }

    func pingAnswered(_ purpose: UInt8) {
        switch PingPurpose(rawValue: purpose) {
        case .keepAlive: unansweredPings = 0
        case .drain: finishDrain()
        case nil: break
        }
    }
}
