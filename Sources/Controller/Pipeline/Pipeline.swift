import Glibc
public import Kubernetes
public import Model
import Synchronization

/// From updates of objects to published changes.
///
/// ```
///   source ──send──► [stream] ──► state ──► dirty ──► translate ──► publish
///                                   ├─ pools: at once, bursts every 10 ms
///                                   └─ routes and certificates: at once, bursts every 100 ms
/// ```
/// Nothing is published before every awaited part of the state has come once. Updates are taken in one after the other by one
/// task; `send` may be called from any thread and keeps its caller's order.
public final class Pipeline: Sendable {
    private let events: AsyncStream<Event>
    private let entrance: AsyncStream<Event>.Continuation
    private let settings: TranslationSettings
    private let parts: Set<String>
    private let outputs: PipelineOutputs
    private let missing: Mutex<Set<String>>

    private enum Event: Sendable {
        case update(StateUpdate)
        /// Something that had to wait is due.
        case due
        /// Ports that were refused may be free by now.
        case retry
        /// Certificates may be about to end.
        case expiry
    }

    /// A pipeline that waits for `parts` of the initial state, each announced by `StateUpdate.synced`.
    public init(settings: TranslationSettings, awaiting parts: Set<String>, outputs: PipelineOutputs) {
        self.settings = settings
        self.parts = parts
        self.outputs = outputs
        missing = Mutex(parts)
        (events, entrance) = AsyncStream.makeStream()
    }

    /// Takes an update in; returns at once.
    public func send(_ update: StateUpdate) { entrance.yield(.update(update)) }

    /// Parts of the initial state that have not come yet: not ready while there are any.
    public var missingParts: Set<String> { missing.withLock { $0 } }

    /// Begins to work.
    public func start() {
        Task.detached { [self] in await run() }
    }

    /// Ends the work; what was sent before is not waited for.
    public func stop() { entrance.finish() }

    private func run() async {
        var core = PipelineCore(
            settings: settings, awaiting: parts, followsStandings: outputs.onStandings != nil)
        var reporter = PipelineReporter(outputs: outputs)
        var (alarm, retry, expiry): (UInt64?, UInt64?, UInt64?)
        for await event in events {
            switch event {
            case .update(let update):
                core.apply(update)
                missing.withLock { $0 = core.missing }
            case .due: alarm = nil
            case .retry: retry = nil
            case .expiry: expiry = nil
            }
            let (changes, next) = core.due(now: monotonicNow())
            for change in changes {
                core.note(refused: outputs.publish(change), of: change, now: monotonicNow())
            }
            core.noteExpiry(
                of: changes, now: monotonicNow(), today: Int64(time(nil)), ends: outputs.certificateEnds)
            reporter.report(&core)
            if let onStandings = outputs.onStandings {
                let standings = core.takeStandings()
                if !standings.isEmpty { onStandings(standings) }
            }
            // One alarm serves everything that waits: a burst must not leave a task behind for each of its events.
            if let next, next < alarm ?? .max {
                alarm = next
                wake(at: next, .due)
            }
            if let next = core.retriesAt, next < retry ?? .max {
                retry = next
                wake(at: next, .retry)
            }
            if let next = core.looksAtExpiryAt, next < expiry ?? .max {
                expiry = next
                wake(at: next, .expiry)
            }
        }
    }

    private func wake(at time: UInt64, _ event: Event) {
        let now = monotonicNow()
        let delay = time > now ? time - now : 0
        Task.detached { [entrance] in
            try? await Task.sleep(nanoseconds: delay)
            entrance.yield(event)
        }
    }
}

/// Tells the outputs what has changed about diagnostics and needs.
private struct PipelineReporter {
    let outputs: PipelineOutputs
    private var known: Set<Diagnostic> = []
    private var diagnosticsRevision = 0
    private var needs = PipelineNeeds()

    init(outputs: PipelineOutputs) { self.outputs = outputs }

    mutating func report(_ core: inout PipelineCore) {
        // Before the whole has come once, everything would seem to be missing.
        guard core.hasPublished else { return }
        if core.diagnosticsRevision != diagnosticsRevision {
            diagnosticsRevision = core.diagnosticsRevision
            let all = core.diagnostics
            let now = Set(all)
            if now != known {
                outputs.onDiagnostics(all, all.filter { !known.contains($0) })
                outputs.onFindings?(core.findings)
                known = now
            }
        }
        let recovered = core.takeRecovered()
        if !recovered.isEmpty { outputs.onRecovered(recovered) }
        guard core.translator.needs != needs else { return }
        needs = core.translator.needs
        core.forgetUnusedAddresses()
        outputs.onNeeds(needs)
    }
}

/// Where the pipeline's results go. All are called from its task, one at a time.
public struct PipelineOutputs: Sendable {
    /// Publishes a change and answers what was refused of it.
    public var publish: @Sendable (Change) -> [Diagnostic]
    /// Everything that is wrong now, and what of it is new.
    public var onDiagnostics: @Sendable (_ all: [Diagnostic], _ new: [Diagnostic]) -> Void
    /// Ports that could not be listened on before, and are now: what was said about them.
    public var onRecovered: @Sendable ([Diagnostic]) -> Void
    /// What the state refers to and must be fetched apart.
    public var onNeeds: @Sendable (PipelineNeeds) -> Void
    /// When published certificates end, in seconds since 1970; those that none was made of are left out.
    public var certificateEnds: @Sendable ([CertificateName]) -> [CertificateName: Int64] = { _ in [:] }
    /// Everything that is wrong now with objects that are there, when it changes.
    public var onFindings: (@Sendable ([Finding]) -> Void)?
    /// How Ingresses stand that have changed, when what they say has been published; nil is gone.
    public var onStandings: (@Sendable ([ObjectKey: IngressStanding?]) -> Void)?

    /// Outputs from their parts.
    public init(
        publish: @escaping @Sendable (Change) -> [Diagnostic],
        onDiagnostics: @escaping @Sendable ([Diagnostic], [Diagnostic]) -> Void = { _, _ in },
        onRecovered: @escaping @Sendable ([Diagnostic]) -> Void = { _ in },
        onNeeds: @escaping @Sendable (PipelineNeeds) -> Void = { _ in }
    ) {
        self.publish = publish
        self.onDiagnostics = onDiagnostics
        self.onRecovered = onRecovered
        self.onNeeds = onNeeds
    }
}

/// CLOCK_MONOTONIC in nanoseconds.
func monotonicNow() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}
