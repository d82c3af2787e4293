import Admin
import Controller
import Kubernetes
import Synchronization
import Wire

/// The webhook that judges Ingresses before they are written: its port, its certificate, and what it has counted.
///
/// It has no side effects: a review is answered from what the translation says of it. One thread judges one after the other; who waits,
/// waits in its socket.
final class Admission: Sendable {
    /// What follows the certificate: one of them.
    private let keeper: WebhookKeeper?
    private let files: CertificateFiles?
    private let server: ControlServer
    private let counts: AdmissionCounts
    private let served: ServedCertificate

    /// What a pipeline's answer is waited for, in milliseconds: API servers wait ten seconds by default.
    private static let patience: Int32 = 5_000

    /// A webhook that listens but does not answer yet; nil if it is turned off.
    static func of(
        _ service: Service, _ client: APIClient, _ pipeline: Pipeline,
        mayWrite: @escaping @Sendable () -> Bool
    ) throws(StartError) -> Admission? {
        guard let choices = service.settings.admission else { return nil }
        return try Admission(choices, service, client, pipeline, mayWrite)
    }

    private init(
        _ choices: AdmissionChoices, _ service: Service, _ client: APIClient, _ pipeline: Pipeline,
        _ mayWrite: @escaping @Sendable () -> Bool
    ) throws(StartError) {
        let (settings, log) = (service.settings, service.log)
        let (served, counts) = (ServedCertificate(), AdmissionCounts())
        (self.served, self.counts) = (served, counts)
        let judge = AdmissionJudge(
            settings: settings.translationSettings, namespaces: settings.translation.namespaces)
        var terms = DocumentTerms(path: choices.path, onRefusal: { counts.note(refused: $0) }) { body in
            Admission.answer(body, judge, pipeline, counts)
        }
        terms.type = "application/json"
        server = try Admission.server(choices.port, service.place?.keeper, served, counts, terms)
        let tell: @Sendable (String) -> Void = { log.warning("admission webhook: \($0)") }
        files = choices.files.map { CertificateFiles($0, tell: tell) { served.take($0, log) } }
        keeper = choices.secret.map { secret in
            WebhookKeeper(
                client, secret: ObjectKey(namespace: secret.namespace, name: secret.name),
                keeping: choices.charge, mayWrite: mayWrite, tell: tell,
                report: { RunController.tell("admission webhook: \($0)", $1, log) },
                deliver: { served.take($0, log) })
        }
    }

    private static func server(
        _ port: UInt16, _ place: ListenerKeeper?, _ served: ServedCertificate, _ counts: AdmissionCounts,
        _ terms: DocumentTerms
    ) throws(StartError) -> ControlServer {
        let security: ControlSecurity
        do {
            security = try ControlSecurity(keys: { served.keys }, onFailure: { counts.note(handshake: $0) })
        } catch {
            throw StartError("--admission-port: cannot set TLS up: \(error)")
        }
        return try ControlPorts.everywhere("--admission-port", port) { address throws(Listener.Failure) in
            try ControlServer(name: "admission", at: address, keeper: place, security, terms)
        }
    }

    /// Begins to answer and to follow the certificate.
    func start() throws(StartError) {
        guard server.start() else { throw StartError("no thread for the admission webhook") }
        keeper?.start()
        files?.start()
    }

    /// This process may write to the cluster from now on.
    func begin() { keeper?.begin() }

    /// Closes the port.
    func stop() {
        keeper?.stop()
        files?.stop()
        server.stop()
    }

    /// What it has counted.
    var families: [MetricFamily] {
        counts.families(certificateEnd: served.end, writes: keeper?.statistics ?? [:])
    }

    /// On the server's thread.
    private static func answer(
        _ body: [UInt8], _ judge: AdmissionJudge, _ pipeline: Pipeline, _ counts: AdmissionCounts
    ) -> ControlResponse {
        let begun = Clock.now()
        let review: AdmissionReview
        do {
            review = try AdmissionReview(decoding: body)
        } catch {
            counts.note("malformed", since: begun)
            return .text("no AdmissionReview: \(error)\n", status: 400)
        }
        guard let verdict = judge.verdictWithoutState(of: review) ?? verdict(of: review, judge, pipeline)
        else {
            counts.note("unavailable", since: begun)
            return .text("not everything in the cluster has been read yet\n", status: 503)
        }
        counts.note(verdict.outcome.rawValue, since: begun)
        return .json(verdict.answer(to: review))
    }

    private static func verdict(
        of review: AdmissionReview, _ judge: AdmissionJudge, _ pipeline: Pipeline
    ) -> AdmissionVerdict? {
        let reply = Reply()
        let versions = [review.object.ingress, review.oldObject.ingress].compactMap(\.self)
        pipeline.ask(about: versions) { reply.take($0) }
        return reply.wait(milliseconds: patience).map { judge.verdict(of: review, in: $0) }
    }

    /// What the pipeline's task tells the server's thread.
    private final class Reply: Sendable {
        private let surroundings = Mutex<AdmissionSurroundings?>(nil)
        private let arrived = Latch()

        func take(_ surroundings: AdmissionSurroundings?) {
            self.surroundings.withLock { $0 = surroundings }
            arrived.open()
        }

        func wait(milliseconds: Int32) -> AdmissionSurroundings? {
            arrived.wait(milliseconds: milliseconds)
            return surroundings.withLock { $0 }
        }
    }
}

/// The certificate that the webhook shows: the last one that could be used.
private final class ServedCertificate: Sendable {
    private let key = Mutex<CertifiedKey?>(nil)

    var keys: [CertifiedKey] { key.withLock { $0 }.map { [$0] } ?? [] }
    /// When it ends, in seconds since 1970; 0 without one.
    var end: Int64 { key.withLock { $0?.notAfter ?? 0 } }

    func take(_ certificate: WebhookCertificate, _ log: Logger) {
        do throws(CertificateError) {
            let read = try CertifiedKey(chainPEM: certificate.chain, keyPEM: certificate.key)
            key.withLock { $0 = read }
            log.info(
                "admission webhook: serves a certificate for \(read.subjectNames.joined(separator: ", "))")
        } catch {
            log.warning("admission webhook: its certificate can not be used: \(error)")
        }
    }
}

extension AdmissionChoices {
    /// What is kept in the cluster; nil if somebody else does.
    fileprivate var charge: WebhookKeeper.Charge? {
        guard let webhook, let service else { return nil }
        let names = ["\(service.name).\(service.namespace).svc", "\(service.name).\(service.namespace)"]
        return WebhookKeeper.Charge(
            configuration: webhook, name: names[0],
            make: { today in
                guard
                    let authority = try? GeneratedAuthority(
                        commonName: "Sluice admission webhook", now: today),
                    let leaf = try? authority.issue(names: names, now: today)
                else { return nil }
                return WebhookCertificate(
                    authority: authority.certificatePEM, chain: leaf.chainPEM, key: leaf.keyPEM)
            },
            read: { certificate in
                guard let key = try? CertifiedKey(chainPEM: certificate.chain, keyPEM: certificate.key) else {
                    return nil
                }
                return WebhookCertificate.Facts(
                    notBefore: key.notBefore, notAfter: key.notAfter, names: key.subjectNames)
            })
    }
}
