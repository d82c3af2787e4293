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
    /// A state from before, until the work begins.
    private let restored: Mutex<KeptState?>
    private let missing: Mutex<Set<String>>

    private enum Event: Sendable {
        case update(StateUpdate)
        /// Something that had to wait is due.
        case due
        /// Ports that were refused may be free by now.
        case retry
        /// Certificates may be about to end.
        case expiry
        /// The state that was to be kept is kept.
        case kept
        /// Somebody wants to know what is around an Ingress.
        case question([Ingress], @Sendable (AdmissionSurroundings?) -> Void)
        /// Somebody wants to know the endpoints.
        case endpoints(@Sendable ([EndpointSlice]) -> Void)
    }

    /// A pipeline that waits for `parts` of the initial state, each announced by `StateUpdate.synced`. With a state from before it
    /// waits for nothing: that is published at once, and what then comes changes it.
    public init(
        settings: TranslationSettings, awaiting parts: Set<String>, restoring restored: KeptState? = nil,
        outputs: PipelineOutputs
    ) {
        self.settings = settings
        self.parts = parts
        self.outputs = outputs
        self.restored = Mutex(restored)
        missing = Mutex(restored == nil ? parts : [])
        (events, entrance) = AsyncStream.makeStream()
    }

    /// Takes an update in; returns at once.
    public func send(_ update: StateUpdate) { entrance.yield(.update(update)) }

    /// Parts of the initial state that have not come yet: not ready while there are any.
    public var missingParts: Set<String> { missing.withLock { $0 } }

    /// What decides about an Ingress that is to be written, told from the pipeline's task; nil before everything has come. After
    /// `stop` nothing is told.
    public func ask(
        about versions: [Ingress], then: @escaping @Sendable (AdmissionSurroundings?) -> Void
    ) { entrance.yield(.question(versions, then)) }

    /// What is known of endpoints once everything has come but how pods are reached; nothing when the pipeline has been stopped.
    public func endpointSlices() async -> [EndpointSlice] {
        await withCheckedContinuation { continuation in
            let sent = entrance.yield(.endpoints { continuation.resume(returning: $0) })
            if case .terminated = sent { continuation.resume(returning: []) }
        }
    }

    /// Begins to work.
    public func start() {
        if restored.withLock({ $0 != nil }) { entrance.yield(.due) }
        Task.detached { [self] in await run() }
    }

    /// Ends the work; what was sent before is not waited for.
    public func stop() { entrance.finish() }

    private func run() async {
        var core = PipelineCore(
            settings: settings, awaiting: parts, followsStandings: outputs.onStandings != nil,
            restoring: restored.withLock { $0.take() })
        var keeping = Keeping()
        var reporter = PipelineReporter(outputs: outputs)
        var (alarm, retry, expiry): (UInt64?, UInt64?, UInt64?)
        var askers: [@Sendable ([EndpointSlice]) -> Void] = []
        defer { for answer in askers { answer([]) } }
        for await event in events {
            switch event {
            case .update(let update):
                core.apply(update)
                missing.withLock { $0 = core.missing }
            case .due: alarm = nil
            case .retry: retry = nil
            case .expiry: expiry = nil
            case .kept: keeping.isUnderway = false
            case .question(let versions, let answer):
                answer(core.surroundings(of: versions))
                continue
            case .endpoints(let answer): askers.append(answer)
            }
            tell(&askers, core)
            let next = publish(&core)
            reporter.report(&core)
            if let onStandings = outputs.onStandings {
                let standings = core.takeStandings()
                if !standings.isEmpty { onStandings(standings) }
            }
            if next == nil, let keep = outputs.keep, keeping.begins(core) {
                keep(core.kept) { [entrance] in entrance.yield(.kept) }
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

    /// Publishes what is due; answers when to ask again.
    private func publish(_ core: inout PipelineCore) -> UInt64? {
        let (changes, next) = core.due(now: monotonicNow())
        for change in changes {
            core.note(refused: outputs.publish(change), of: change, now: monotonicNow())
        }
        core.noteExpiry(
            of: changes, now: monotonicNow(), today: Int64(time(nil)), ends: outputs.certificateEnds)
        return next
    }

    /// Tells of endpoints when they are all there.
    private func tell(_ askers: inout [@Sendable ([EndpointSlice]) -> Void], _ core: PipelineCore) {
        guard !askers.isEmpty, core.missing.isSubset(of: [PodAccess.part]) else { return }
        let slices = core.state.slices.values.flatMap(\.self)
        for answer in askers { answer(slices) }
        askers = []
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

/// Gives the state away to be kept: one at a time, and only what has been published.
private struct Keeping {
    var isUnderway = false
    /// That of the state that was given away last; also a state from before is, which nothing has changed yet.
    private var revision = -1

    mutating func begins(_ core: PipelineCore) -> Bool {
        guard core.hasPublished, !isUnderway, core.revision != revision else { return false }
        (isUnderway, revision) = (true, core.revision)
        return true
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
    /// The state as it is now, once all of it is published, to be kept for a successor; to be called back when the next one may come.
    public var keep: (@Sendable (KeptState, _ done: @escaping @Sendable () -> Void) -> Void)?
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
