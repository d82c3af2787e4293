import Kubernetes
import Model

/// The decisions of the pipeline, without threads and clocks: updates in, publishes out.
struct PipelineCore {
    private(set) var state: ClusterState
    private(set) var translator: Translator
    /// Parts of the initial state that have not come yet.
    private(set) var missing: Set<String>
    private var pools = Queue(milliseconds: 10)
    private var routes = Queue(milliseconds: 100)
    /// Whether the whole state has come once.
    private(set) var hasPublished = false
    /// Counts what was taken in.
    private(set) var revision = 0
    /// Secrets of a state from before that have not been seen since.
    private var unconfirmedSecrets: Set<ObjectKey> = []
    private var rejections = Rejections()
    private var refusals = Refusals()
    private var expiry = ExpiryWatch()
    /// Ingresses whose standing may have changed, nil if nobody wants to know.
    private var touched: Set<ObjectKey>?

    /// Changes that wait for their publish.
    private struct Queue {
        var schedule: PublishSchedule
        var dirty = Dirty()
        /// When the oldest of them was received, 0 if unknown.
        var receivedAt: UInt64 = 0

        init(milliseconds: UInt64) { schedule = PublishSchedule(milliseconds: milliseconds) }

        mutating func add(_ dirty: Dirty, receivedAt: UInt64) {
            if self.dirty.isEmpty || self.receivedAt == 0 { self.receivedAt = receivedAt }
            self.dirty.formUnion(dirty)
        }

        mutating func take(at now: UInt64) -> (dirty: Dirty, receivedAt: UInt64) {
            defer { dirty = Dirty() }
            schedule.published(at: now)
            return (dirty, receivedAt)
        }
    }

    /// With a state from before nothing is waited for: it is published at once, and what comes is compared with it.
    init(
        settings: TranslationSettings, awaiting parts: Set<String>, followsStandings: Bool = false,
        restoring kept: KeptState? = nil
    ) {
        touched = followsStandings ? [] : nil
        translator = Translator(settings: settings)
        // How pods are reached is no part of a state.
        missing = kept == nil ? parts : parts.intersection([PodAccess.part])
        state = kept?.state ?? ClusterState()
        state.follow(settings.annotationPrefixes)
        guard let kept else { return }
        translator.knowsClasses = kept.knowsClasses
        unconfirmedSecrets = Set(
            state.secrets.filter { $0.value.type == Secret.tlsType }.keys)
    }

    /// What a successor would need.
    var kept: KeptState { KeptState(state, knowsClasses: translator.knowsClasses) }

    /// Counts changes of the diagnostics.
    var diagnosticsRevision: Int {
        translator.diagnosticsRevision &+ rejections.revision &+ refusals.revision &+ expiry.revision
    }

    /// Everything that is wrong now.
    var diagnostics: [Diagnostic] {
        rejections.diagnostics + refusals.diagnostics + expiry.diagnostics + translator.allDiagnostics
    }

    /// Takes over when the certificates of a published change end, and judges all of them where that or the time asks for it.
    /// `today` is the time of day in seconds since 1970.
    mutating func noteExpiry(
        of changes: [Change], now: UInt64, today: Int64,
        ends: ([CertificateName]) -> [CertificateName: Int64]
    ) {
        let names = changes.flatMap(\.certificates.keys)
        guard !names.isEmpty || expiry.isDue(now: now) else { return }
        expiry.note(names, ends: ends(names))
        expiry.look(today: today, now: now)
    }

    /// When `noteExpiry` is to be asked again (nanoseconds), whatever has changed.
    var looksAtExpiryAt: UInt64? { expiry.at }

    /// Forgets addresses of names that are not resolved any more: they would be old when the name comes back.
    mutating func forgetUnusedAddresses() { state.keepAddresses(of: translator.needs.externalNames) }

    /// Takes over what was refused of a published change.
    mutating func note(refused: [Diagnostic], of change: Change, now: UInt64) {
        refusals.note(refused, of: change, now: now)
    }

    /// Ports that were refused before, and are listened on now.
    mutating func takeRecovered() -> [Diagnostic] { refusals.takeRecovered() }

    /// When `due` is to be asked again (nanoseconds) for ports that were refused.
    var retriesAt: UInt64? { refusals.retry.at }

    /// Takes an update in.
    mutating func apply(_ update: StateUpdate) {
        revision += 1
        switch update {
        case .ingresses(let batch):
            touched?.formUnion(batch.changes.map(\.key))
            apply(batch) { state, key, object in state.set(object, at: key) }
        case .classes(let batch):
            if batch.isInitial { becomeAvailable() }
            apply(batch) { state, key, object in state.set(object, at: key) }
        case .namespaces(let batch): choose(batch)
        case .services(let batch): apply(batch) { state, key, object in state.set(object, at: key) }
        case .slices(let batch): apply(batch) { state, key, object in state.set(object, at: key) }
        case .secrets(let batch):
            unconfirmedSecrets.subtract(batch.changes.map(\.key))
            apply(batch) { state, key, object in state.set(object, at: key) }
        case .configMaps(let batch): apply(batch) { state, key, object in state.set(object, at: key) }
        case .addresses(let name, let addresses):
            enqueue(state.setAddresses(addresses, of: name), receivedAt: 0)
        case .chosenAddresses(let name, let addresses):
            let services = translator.settings.services(overriddenBy: name)
            enqueue(state.setChosenAddresses(addresses, of: name, for: services), receivedAt: 0)
        case .podAccess(let access):
            missing.remove(PodAccess.part)
            enqueue(state.setPodAccess(access), receivedAt: 0)
        case .zone(let name): enqueue(state.setZone(name), receivedAt: 0)
        case .synced(let part): missing.remove(part)
        case .unavailable(let part): becomeUnavailable(part)
        }
    }

    /// Without the right to read classes, the name of the class has to do.
    private mutating func becomeUnavailable(_ part: String) {
        // Whose Ingresses are ours is not known then: nothing is served that nobody has chosen, and nobody is told that all is ready.
        guard part != Namespace.resource.kind else { return }
        missing.remove(part)
        loseList(part)
        guard part == IngressClass.resource.kind, state.classes.isEmpty else { return }
        translator.knowsClasses = false
        enqueue(state.everything, receivedAt: 0)
    }

    /// Where Secrets may not be listed any more, those from before are followed by name as new ones would be.
    private mutating func loseList(_ part: String) {
        let kind = Secret.resource.kind
        let lost = unconfirmedSecrets.filter { part == kind || part == "\(kind) in \($0.namespace)" }
        guard !lost.isEmpty else { return }
        unconfirmedSecrets.subtract(lost)
        enqueue(state.setUnlisted(lost), receivedAt: 0)
    }

    /// The right to read classes was given after all.
    private mutating func becomeAvailable() {
        guard !translator.knowsClasses else { return }
        translator.knowsClasses = true
        enqueue(state.everything, receivedAt: 0)
    }

    private mutating func choose(_ batch: ObjectBatch<Namespace>) {
        rejections.note(batch)
        var names = state.namespaces
        for change in batch.changes {
            switch change {
            case .upserted(let namespace): names.insert(namespace.meta.name)
            case .deleted(let key): names.remove(key.name)
            }
        }
        enqueue(state.choose(names), receivedAt: batch.receivedAt)
    }

    private mutating func apply<Object>(
        _ batch: ObjectBatch<Object>, _ set: (inout ClusterState, ObjectKey, Object?) -> Dirty
    ) {
        rejections.note(batch)
        for change in batch.changes {
            switch change {
            case .upserted(let object):
                enqueue(set(&state, object.meta.key, object), receivedAt: batch.receivedAt)
            case .deleted(let key): enqueue(set(&state, key, nil), receivedAt: batch.receivedAt)
            }
        }
    }

    /// What touches only pools goes its own, faster way. The first publish is of everything there is: nothing has to be noted for it.
    private mutating func enqueue(_ dirty: Dirty, receivedAt: UInt64) {
        guard hasPublished, !dirty.isEmpty else { return }
        // A class came, went or changed hands.
        touched?.formUnion(dirty.ingresses)
        if dirty.touchesRoutes {
            routes.add(dirty, receivedAt: receivedAt)
        } else {
            pools.add(dirty, receivedAt: receivedAt)
        }
    }

    /// How Ingresses stand that have changed, once all that was known of them is published; nil is gone.
    mutating func takeStandings() -> [ObjectKey: IngressStanding?] {
        guard hasPublished, !routes.dirty.touchesRoutes, let keys = touched, !keys.isEmpty else { return [:] }
        touched = []
        let selection = translator.selection(in: state)
        var standings: [ObjectKey: IngressStanding?] = [:]
        for key in keys {
            let standing = state.ingresses[key].map { ingress in
                IngressStanding(
                    uid: ingress.meta.uid, resourceVersion: ingress.meta.resourceVersion,
                    isOurs: selection.selects(ingress), addresses: ingress.addresses)
            }
            standings.updateValue(standing, forKey: key)
        }
        return standings
    }

    /// What decides about an Ingress that is to be written, given what it is and what it shall be; nil before the whole has come.
    func surroundings(of versions: [Ingress]) -> AdmissionSurroundings? {
        guard hasPublished, missing.isEmpty else { return nil }
        var settings = translator.settings
        // Neither can be at odds with an Ingress.
        (settings.tcpServices, settings.defaultTLSSecret, settings.frontends) = (nil, nil, [])
        let sources = Set([settings.globalSettings].compactMap(\.self)).union(
            translator.needs.settingsConfigMaps)
        return AdmissionSurroundings(
            state: state.surroundings(of: versions, settings: sources.compactMap { state.configMaps[$0] }),
            settings: settings, knowsClasses: translator.knowsClasses)
    }

    /// What is to be published now, and when to ask again (nanoseconds) if something still waits.
    mutating func due(now: UInt64) -> (changes: [Change], next: UInt64?) {
        guard missing.isEmpty else { return ([], nil) }
        if !hasPublished {
            hasPublished = true
            return ([translateEverything(now: now)], nil)
        }
        var changes: [Change] = []
        var next: UInt64?
        if !pools.dirty.isEmpty {
            switch pools.schedule.decide(now: now) {
            case .now: changes.append(translatePools(now: now))
            case .at(let time): next = time
            }
        }
        if !routes.dirty.isEmpty {
            switch routes.schedule.decide(now: now) {
            case .now:
                changes.append(translateRoutes(now: now))
            case .at(let time): next = min(time, next ?? time)
            }
        }
        if refusals.retry.isDue(now: now), !changes.contains(where: { $0.frontends != nil }) {
            var again = Change()
            again.frontends = translator.configuration.frontends
            changes.append(again)
        }
        return (changes.filter { !$0.isEmpty }, next)
    }

    private mutating func translateEverything(now: UInt64) -> Change {
        pools.schedule.published(at: now)
        routes.schedule.published(at: now)
        var all = state.everything
        if let key = translator.settings.defaultBackend { all.services.insert(key) }
        if let key = translator.settings.defaultTLSSecret { all.secrets.insert(key) }
        all.configMaps.formUnion(translator.settings.configMaps)
        return translator.translate(all, of: state)
    }

    private mutating func translatePools(now: UInt64) -> Change {
        let (dirty, receivedAt) = pools.take(at: now)
        var change = translator.translatePools(dirty.services, of: state)
        change.receivedAt = receivedAt
        return change
    }

    private mutating func translateRoutes(now: UInt64) -> Change {
        let (dirty, receivedAt) = routes.take(at: now)
        var change = translator.translate(dirty, of: state)
        change.receivedAt = receivedAt
        return change
    }
}
