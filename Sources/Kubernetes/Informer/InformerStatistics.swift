/// What an informer has done so far, for metrics.
public struct InformerStatistics: Sendable, Equatable {
    /// Watch events by type, of initial lists too.
    public var events: [WatchEventType: Int] = [:]
    /// Watches that ended, by why.
    public var restarts: [WatchRestart: Int] = [:]
    /// Complete lists received, streamed or paged.
    public var lists = 0
    /// How long the last complete list took, in nanoseconds.
    public var lastListDuration: UInt64 = 0
    /// Objects that could not be read.
    public var rejected = 0
    /// Objects known now.
    public var objects = 0
    /// When the last event or bookmark arrived, in nanoseconds of CLOCK_MONOTONIC; 0 before the first.
    public var lastEventAt: UInt64 = 0
    /// The condition reported last.
    public var condition = InformerCondition.connecting
    /// Whether the initial list has been delivered.
    public var hasSynced = false

    /// Nothing has happened.
    public init() {}
}
