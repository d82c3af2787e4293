import Basics
import Glibc
public import Kubernetes
import Synchronization

/// Follows the Secret with a webhook's certificate; where it is asked to, it also keeps that Secret and the API server's belief in it
/// up to date, while this process may write.
public final class WebhookKeeper: Sendable {
    private let secrets: Informer<Secret>
    private let configurations: Informer<WebhookConfiguration>?
    private let writer: APIWriter<Write>?

    /// What is kept.
    public struct Charge: Sendable {
        /// The name of the ValidatingWebhookConfiguration.
        public var configuration: String
        /// The name API servers call the webhook by.
        public var name: String
        /// Makes a certificate, valid from `today` on; nil if none can be made.
        public var make: @Sendable (_ today: Int64) -> WebhookCertificate?
        /// What a certificate is; nil if nobody can serve with it.
        public var read: @Sendable (WebhookCertificate) -> WebhookCertificate.Facts?

        /// A charge from its parts.
        public init(
            configuration: String, name: String, make: @escaping @Sendable (Int64) -> WebhookCertificate?,
            read: @escaping @Sendable (WebhookCertificate) -> WebhookCertificate.Facts?
        ) {
            (self.configuration, self.name, self.make, self.read) = (configuration, name, make, read)
        }
    }

    fileprivate enum Write: Sendable {
        case belief
        case certificate(WebhookCertificate)
    }

    fileprivate final class State: Sendable {
        let plan: Mutex<WebhookPlan?>
        let trouble = Mutex("")

        init(_ plan: WebhookPlan?) { self.plan = Mutex(plan) }
    }

    private static let rate = WriteRate(perSecond: 1, burst: 5, inFlight: 1)

    /// A keeper that has not started. `deliver` hears of the certificate whenever there is a new one, `tell` of each new trouble,
    /// `report` of the informers' condition.
    public init(
        _ client: APIClient, secret: ObjectKey, keeping charge: Charge?,
        mayWrite: @escaping @Sendable () -> Bool, tell: @escaping @Sendable (String) -> Void,
        report: @escaping @Sendable (_ part: String, InformerCondition) -> Void,
        deliver: @escaping @Sendable (WebhookCertificate) -> Void
    ) {
        let state = State(
            charge.map { WebhookPlan(name: $0.name, craft: .init(make: $0.make, read: $0.read)) })
        let writer = charge.map { _ in WebhookKeeper.writer(client, secret, state, mayWrite, tell) }
        self.writer = writer
        secrets = Informer(
            client, selecting: .one(secret), onCondition: { report("Secret \(secret)", $0) },
            deliver: { batch in
                guard let found = batch.news(of: secret) else { return }
                if let certificate = found.flatMap({ WebhookCertificate($0) }) { deliver(certificate) }
                state.note(tell) { $0.note(found) }
                writer?.wake()
            })
        configurations = charge.map { charge in
            let key = ObjectKey(namespace: "", name: charge.configuration)
            return Informer(
                client, selecting: .one(key),
                onCondition: { report("ValidatingWebhookConfiguration \(charge.configuration)", $0) },
                deliver: { batch in
                    guard let found = batch.news(of: key) else { return }
                    state.note(tell) { $0.note(found) }
                    writer?.wake()
                })
        }
    }

    /// Begins to follow.
    public func start() {
        secrets.start()
        configurations?.start()
    }

    /// This process may write from now on.
    public func begin() { writer?.wake() }

    /// Writes nothing more and ends following.
    public func stop() {
        writer?.stop()
        secrets.stop()
        configurations?.stop()
    }

    /// How many writes have ended how.
    public var statistics: [String: Int] { writer?.statistics ?? [:] }

    private static func writer(
        _ client: APIClient, _ secret: ObjectKey, _ state: State, _ mayWrite: @escaping @Sendable () -> Bool,
        _ tell: @escaping @Sendable (String) -> Void
    ) -> APIWriter<Write> {
        APIWriter(
            client, rate: rate,
            next: { now in
                guard mayWrite() else { return .idle }
                let step = state.plan.withLock { $0?.step(now: now, today: Int64(time(nil))) ?? .idle }
                switch step {
                case .idle: return .idle
                case .wait(let time): return .wait(until: time)
                case .believe(let configuration, let authorities):
                    return .write(.belief, WebhookWrites.believe(authorities, configuration))
                case .hold(let certificate, let version):
                    return .write(
                        .certificate(certificate), WebhookWrites.hold(certificate, secret, version: version))
                }
            },
            ended: { write, outcome, now in state.ended(write, outcome, now, tell) })
    }
}

extension WebhookKeeper.State {
    /// Takes news over, and says once what is missing.
    fileprivate func note(_ tell: @Sendable (String) -> Void, _ change: (inout WebhookPlan) -> Void) {
        let absence = plan.withLock { plan -> String? in
            guard var changed = plan else { return nil }
            change(&changed)
            plan = changed
            return changed.absence
        }
        say(absence ?? "", tell)
    }

    fileprivate func ended(
        _ write: WebhookKeeper.Write, _ outcome: WriteOutcome, _ now: UInt64,
        _ tell: @Sendable (String) -> Void
    ) {
        plan.withLock { plan in
            switch (write, outcome) {
            case (.belief, .done(let body)):
                if let read = WebhookConfiguration(body) { plan?.note(read) }
            case (.certificate(let certificate), .done): plan?.wrote(certificate)
            case (_, .later): break
            case (_, .conflict): plan?.rest(from: now, seconds: 1)
            case (_, .missing), (_, .rejected), (_, .forbidden): plan?.rest(from: now, seconds: 30)
            }
        }
        switch outcome {
        case .done, .conflict, .missing: say("", tell)
        case .forbidden(let reason): say("no permission to write: \(reason)", tell)
        case .rejected(let reason), .later(let reason, _): say(reason, tell)
        }
    }

    private func say(_ sentence: String, _ tell: @Sendable (String) -> Void) {
        let isNew = trouble.withLock { trouble in
            defer { trouble = sentence }
            return trouble != sentence && !sentence.isEmpty
        }
        if isNew { tell(sentence) }
    }
}

extension WebhookConfiguration {
    fileprivate init?(_ body: [UInt8]) {
        var reader = JSONReader(body.span)
        guard let read = try? WebhookConfiguration(decoding: &reader) else { return nil }
        self = read
    }
}

extension ObjectBatch {
    /// What it says of one object; inside, nil is gone. nil says nothing.
    fileprivate func news(of key: ObjectKey) -> Object?? {
        switch changes.last(where: { $0.key == key }) {
        case .upserted(let object): .some(.some(object))
        case .deleted: .some(.none)
        case nil: isInitial ? .some(.none) : nil
        }
    }
}
