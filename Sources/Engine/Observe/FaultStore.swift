import Synchronization
public import Wire

/// A message that was not understood, as HAProxy's `show errors` shows it. It holds what the peer sent, whatever that is.
public struct FaultReport: Sendable {
    /// The most bytes that are kept of one.
    static let longest = 16 * 1024

    /// Which of all it was, from 0.
    public var event: UInt64 = 0
    /// When, in nanoseconds since 1970.
    public var moment: UInt64 = 0
    /// Whether a server sent it, else a client.
    public var isAnswer = false
    /// The section that took it.
    public var frontend = ""
    /// Where it was to go or came from; nil while that is not known.
    public var backend: String?
    /// The server it came from.
    public var server: String?
    /// The client.
    public var source = SocketAddress()
    /// What there was of it.
    public var bytes: [UInt8] = []
    /// Where the line begins that was not understood.
    public var position = 0
    /// What is wrong with it.
    public var error = ""

    /// Nothing.
    public init() {}

    /// The section it is kept of.
    public var proxy: String { isAnswer ? backend ?? "" : frontend }
}

/// The last request of each frontend, and the last answer of each backend, that were not understood.
final class FaultStore: Sendable {
    /// The most that are kept: the oldest make room.
    static let most = 256
    private let state = Mutex<State>(State())

    private struct Place: Hashable {
        let proxy: String
        let isAnswer: Bool
    }

    private struct State {
        var events: UInt64 = 0
        var kept: [Place: FaultReport] = [:]
    }

    func note(_ report: FaultReport) {
        state.withLock { state in
            var report = report
            report.event = state.events
            state.events &+= 1
            let place = Place(proxy: report.proxy, isAnswer: report.isAnswer)
            if state.kept[place] == nil, state.kept.count >= Self.most,
                let oldest = state.kept.min(by: { $0.value.event < $1.value.event })
            {
                state.kept[oldest.key] = nil
            }
            state.kept[place] = report
        }
    }

    /// How many there were, and what is kept of them, oldest first.
    var reports: (events: UInt64, kept: [FaultReport]) {
        state.withLock { ($0.events, $0.kept.values.sorted { $0.event < $1.event }) }
    }
}
