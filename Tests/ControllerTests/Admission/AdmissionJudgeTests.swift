import Basics
import Kubernetes
import Model
import Testing

@testable import Controller

/// A cluster that is asked about Ingresses which are to be written to it.
private struct Court {
    var core: PipelineCore
    var judge: AdmissionJudge

    init(
        _ ingresses: Ingress..., settings: TranslationSettings = TranslationSettings(),
        namespaces: [String] = [], config: [ConfigMap] = [],
        services: [Service] = [service("web"), service("api")]
    ) {
        core = PipelineCore(settings: settings, awaiting: [])
        judge = AdmissionJudge(settings: settings, namespaces: namespaces)
        core.apply(.classes(Court.batch([ingressClass(), ingressClass("other", controller: "x/y")])))
        core.apply(.services(Court.batch(services)))
        core.apply(.configMaps(Court.batch(config)))
        core.apply(.ingresses(Court.batch(ingresses)))
        _ = core.due(now: 0)
    }

    private static func batch<Object>(_ objects: [Object]) -> ObjectBatch<Object> {
        ObjectBatch(changes: objects.map { .upserted($0) }, receivedAt: 1)
    }

    func verdict(_ object: Ingress, replacing old: Ingress? = nil, operation: String? = nil)
        -> AdmissionVerdict
    {
        var review = AdmissionReview()
        review.uid = "7"
        review.operation = operation ?? (old == nil ? "CREATE" : "UPDATE")
        (review.resource.group, review.resource.version, review.resource.plural) = (
            "networking.k8s.io", "v1", "ingresses"
        )
        review.namespace = object.meta.namespace
        review.object = .ingress(object)
        review.oldObject = old.map { .ingress($0) } ?? .nothing
        return verdict(review)
    }

    func verdict(_ review: AdmissionReview) -> AdmissionVerdict {
        let versions = [review.object.ingress, review.oldObject.ingress].compactMap(\.self)
        guard let around = core.surroundings(of: versions) else { return AdmissionVerdict() }
        return judge.verdict(of: review, in: around)
    }
}

private func annotated(_ ingress: Ingress, _ annotations: [String: String]) -> Ingress {
    var ingress = ingress
    ingress.meta.annotations = annotations
    return ingress
}

private let web = ingress("web", created: 5, [rule("a.test", path("/"), path("/shop", to: to("api")))])

@Suite("The judge of admission")
struct AdmissionJudgeTests {
    @Test("a sound Ingress may be written, and nothing is said")
    func sound() {
        let verdict = Court(web).verdict(ingress("new", created: 9, [rule("b.test", path("/"))]))
        #expect(verdict.outcome == .allowed && verdict.problems.isEmpty && verdict.warnings.isEmpty)
    }

    @Test("a path of a host that another Ingress has is refused, by its field and with the holder")
    func conflict() {
        let verdict = Court(web).verdict(
            ingress("new", created: 9, [rule("a.test", path("/x"), path("/shop"))]))
        #expect(verdict.outcome == .denied && verdict.problems.count == 1)
        let problem = verdict.problems.first ?? ""
        #expect(
            problem.hasPrefix("Ingress shop/new spec.rules[0].http.paths[1]: a.test /shop is already served"))
        #expect(problem.contains("by Ingress shop/web") && problem.contains("take another host or path"))
    }

    @Test("who writes last does not get a path by an older name or time", arguments: [0, 1, 9] as [Int64])
    func age(created: Int64) {
        var other = ingress("aaa", created: created, [rule("a.test", path("/"))])
        other.meta.namespace = "aaa"
        #expect(Court(web).verdict(other).outcome == .denied)
    }

    @Test(
        "a longer spelling of somebody's path takes it away, and is refused",
        arguments: ["/shop/", "/shop//"])
    func spelling(text: String) {
        #expect(
            Court(web).verdict(ingress("new", created: 9, [rule("a.test", path(text))])).outcome == .denied)
    }

    @Test("another type of the same path is another place")
    func otherType() {
        let new = ingress("new", created: 9, [rule("a.test", path("/shop", "Exact"))])
        #expect(Court(web).verdict(new).outcome == .allowed)
    }

    @Test("hosts are compared without regard to case")
    func hostCase() {
        #expect(
            Court(web).verdict(ingress("new", created: 9, [rule("A.test", path("/"))])).outcome == .denied)
    }

    @Test(
        "where default backends are switched off a new one is refused, and one that was there may lose its finalizers"
    )
    func catchAll() {
        var settings = TranslationSettings()
        settings.allowsCatchAll = false
        var everybodys = web
        everybodys.defaultBackend = to("web")
        let court = Court(web, settings: settings)
        #expect(court.verdict(everybodys).outcome == .denied)
        #expect(court.verdict(everybodys, replacing: web).outcome == .denied)
        let edited = court.verdict(annotated(everybodys, ["a": "b"]), replacing: everybodys)
        #expect(edited.problems.isEmpty && edited.warnings.count == 1)
    }

    @Test("Ingresses of other classes hold no path")
    func foreignHolder() {
        var foreign = web
        foreign.className = "other"
        #expect(
            Court(foreign).verdict(ingress("new", created: 9, [rule("a.test", path("/"))])).outcome
                == .allowed)
    }

    @Test("two paths of one Ingress that lead to different places are refused")
    func itself() {
        let new = ingress("new", [rule("b.test", path("/"), path("/", to: to("api")))])
        #expect(Court().verdict(new).outcome == .denied)
    }

    @Test("an Ingress may be written again as it is")
    func again() {
        #expect(Court(web).verdict(web, replacing: web).outcome == .allowed)
    }

    @Test("an update that takes a path of a younger Ingress is refused too")
    func olderTakes() {
        let young = ingress("young", created: 9, [rule("b.test", path("/"))])
        var new = web
        new.rules.append(rule("b.test", path("/")))
        let verdict = Court(web, young).verdict(new, replacing: web)
        #expect(verdict.outcome == .denied)
        #expect(
            verdict.problems.first?.hasPrefix(
                "Ingress shop/web would take what another has: Ingress shop/young") == true)
    }

    @Test("a conflict that is there already is no reason to refuse an update")
    func knownConflict() {
        let late = ingress("late", created: 9, [rule("a.test", path("/shop"))])
        let new = annotated(late, ["team": "x"])
        let verdict = Court(web, late).verdict(new, replacing: late)
        #expect(verdict.outcome == .allowed)
        #expect(verdict.warnings.contains { $0.contains("PathConflict") })
    }

    @Test("an update can mend a conflict")
    func mended() {
        let late = ingress("late", created: 9, [rule("a.test", path("/shop"))])
        let verdict = Court(web, late).verdict(
            ingress("late", created: 9, [rule("a.test", path("/late"))]), replacing: late)
        #expect(verdict.outcome == .allowed && verdict.warnings.isEmpty)
    }

    @Test("the state is not touched by being asked")
    func untouched() {
        let court = Court(web)
        _ = court.verdict(ingress("new", created: 9, [rule("b.test", path("/"))]))
        #expect(court.verdict(ingress("other", created: 9, [rule("b.test", path("/"))])).outcome == .allowed)
        #expect(court.core.state.ingresses.keys.sorted() == [key("web")])
    }

    @Test(
        "what makes no sense by itself is refused",
        arguments: [
            (ingress("x", [rule("not a host", path("/"))]), "HostInvalid"),
            (ingress("x", [rule("b.test", path("relative"))]), "PathInvalid"),
            (ingress("x", [rule("b.test", path("/a//b"))]), "PathInvalid"),
            (ingress("x", [rule("b.test", path("/", "Regex"))]), "PathTypeInvalid"),
            (ingress("x", [rule("b.test", path("/", to: .missing))]), "BackendMissing"),
            (
                ingress("x", [rule("b.test", path("/", to: .resource(kind: "Bucket", name: "b")))]),
                "ResourceBackendUnsupported"
            ),
            (
                ingress("x", [rule("b.test", path("/", to: .service(name: "web", port: .missing)))]),
                "PortMissing"
            ),
            (ingress("x", [rule("b.test", path("/"))], tls: [tls("s", "no host")]), "HostInvalid"),
            (ingress("x", [rule("b.test", path("/"))], defaultBackend: .missing), "BackendMissing"),
        ])
    func senseless(new: Ingress, reason: String) {
        let verdict = Court(web).verdict(new)
        #expect(verdict.outcome == .denied)
        #expect(verdict.problems.contains { $0.hasSuffix("(\(reason))") })
    }

    @Test(
        "bad values of annotations are refused",
        arguments: [
            ("nginx.ingress.kubernetes.io/ssl-redirect", "maybe"),
            ("nginx.ingress.kubernetes.io/whitelist-source-range", "10.0.0.0/40"),
            ("nginx.ingress.kubernetes.io/configuration-snippet", "return 200;"),
            ("nginx.ingress.kubernetes.io/server-snippet", "return 200;"),
            ("nginx.ingress.kubernetes.io/permanent-redirect", "not a url\n"),
        ])
    func annotations(name: String, value: String) {
        let new = annotated(ingress("x", [rule("b.test", path("/"))]), [name: value])
        let verdict = Court(web).verdict(new)
        #expect(verdict.outcome == .denied)
        #expect(verdict.problems.contains { $0.contains("metadata.annotations[\(name)]") })
    }

    @Test(
        "what falls back is a warning, and so is a name that does not exist",
        arguments: [
            "nginx.ingress.kubernetes.io/proxy-red-timeout", "sluice.dev/no-such-thing",
        ])
    func unknownAnnotation(name: String) {
        let verdict = Court(web).verdict(annotated(ingress("x", [rule("b.test", path("/"))]), [name: "5"]))
        #expect(verdict.outcome == .allowed)
        #expect(verdict.warnings.contains { $0.contains(name) })
    }

    @Test("annotations of others are nobody's business here")
    func foreignAnnotation() {
        let verdict = Court(web).verdict(
            annotated(ingress("x", [rule("b.test", path("/"))]), ["cert-manager.io/cluster-issuer": "x"]))
        #expect(verdict.outcome == .allowed && verdict.warnings.isEmpty)
    }

    @Test("what is honoured with a difference is said once, when it is written")
    func difference() throws {
        let row = try #require(
            AnnotationTable.rows.first {
                if case .differs = $0.standing {
                    $0.setting.names.contains { $0.text == "proxy-buffer-size" }
                } else {
                    false
                }
            })
        let name = try #require(row.setting.names.first { $0.dialect == .nginx })
        let new = annotated(
            ingress("x", [rule("b.test", path("/"))]), [AnnotationPrefix.key(of: name): "8k"])
        let verdict = Court(web).verdict(new)
        #expect(verdict.outcome == .allowed)
        #expect(verdict.warnings.contains { $0.contains("honoured, with a difference: ") })
        #expect(Court(web, new).verdict(new, replacing: new).warnings.isEmpty)
    }

    @Test("what other objects lack may come later: a warning")
    func missingObjects() {
        let new = ingress(
            "x", [rule("b.test", path("/", to: to("later")), path("/p", to: to("web", 81)))])
        let verdict = Court(web).verdict(new)
        #expect(verdict.outcome == .allowed)
        #expect(verdict.warnings.contains { $0.hasSuffix("(ServiceNotFound)") })
        #expect(verdict.warnings.contains { $0.hasSuffix("(PortNotFound)") })
    }

    @Test("nothing is said about Secrets, whether they exist or not")
    func secrets() {
        let new = annotated(
            ingress("x", [rule("b.test", path("/"))], tls: [tls("none", "b.test")]),
            [
                "nginx.ingress.kubernetes.io/auth-type": "basic",
                "nginx.ingress.kubernetes.io/auth-secret": "none",
            ])
        let verdict = Court(web).verdict(new)
        #expect(verdict.outcome == .allowed)
        #expect(!verdict.warnings.contains { $0.contains("(Secret") || $0.contains("shop/none") })
    }

    @Test("Ingresses of other classes, and of namespaces that are not read, pass unread")
    func notOurs() {
        var foreign = ingress("x", [rule("a.test", path("/"))])
        foreign.className = "other"
        #expect(Court(web).verdict(foreign).outcome == .notOurs)
        foreign.className = "unknown"
        #expect(Court(web).verdict(foreign).outcome == .notOurs)
        foreign.className = nil
        #expect(Court(web).verdict(foreign).outcome == .notOurs)
        let elsewhere = ingress("x", in: "lab", [rule("a.test", path("/"))])
        #expect(Court(web, namespaces: ["shop"]).verdict(elsewhere).outcome == .notOurs)
        #expect(Court(web, namespaces: ["shop", "lab"]).verdict(elsewhere).outcome == .denied)
    }

    @Test("an Ingress that comes over from another class is judged as a new one")
    func classChange() {
        var old = ingress("x", created: 1, [rule("a.test", path("/"))])
        let new = old
        old.className = "other"
        #expect(Court(web, old).verdict(new, replacing: old).outcome == .denied)
        #expect(Court(web, new).verdict(old, replacing: new).outcome == .notOurs)
    }

    @Test("removals and other verbs pass", arguments: ["DELETE", "CONNECT", "", "PATCH"])
    func verbs(operation: String) {
        let new = ingress("x", created: 9, [rule("a.test", path("/"))])
        #expect(Court(web).verdict(new, operation: operation).outcome == .notOurs)
    }

    @Test("an object that can not be read is refused, without its values")
    func unreadable() {
        var review = AdmissionReview()
        review.operation = "CREATE"
        (review.resource.group, review.resource.version, review.resource.plural) = (
            "networking.k8s.io", "v1", "ingresses"
        )
        var rejected = RejectedObject(reason: "spec.rules[0].host: expected a string, found a number")
        rejected.key = key("x")
        review.object = .unreadable(rejected)
        let verdict = Court(web).verdict(review)
        #expect(verdict.outcome == .denied)
        #expect(verdict.problems.first?.hasPrefix("Ingress shop/x: spec.rules[0].host: expected") == true)
        review.object = .nothing
        #expect(Court(web).verdict(review).outcome == .denied)
    }

    @Test("a canary beside its main is no conflict; a second one is")
    func canaries() {
        let on = [
            "nginx.ingress.kubernetes.io/canary": "true", "nginx.ingress.kubernetes.io/canary-weight": "10",
        ]
        let first = annotated(ingress("canary", created: 7, [rule("a.test", path("/", to: to("api")))]), on)
        #expect(Court(web).verdict(first).outcome == .allowed)
        let second = annotated(ingress("again", created: 9, [rule("a.test", path("/", to: to("other")))]), on)
        #expect(Court(web, first).verdict(second).outcome == .denied)
    }

    @Test("a default backend that another one has is a warning: the Ingress's rules count all the same")
    func defaultBackends() {
        let first = ingress("first", created: 1, defaultBackend: to("web"))
        let verdict = Court(first).verdict(ingress("second", created: 2, defaultBackend: to("api")))
        #expect(verdict.outcome == .allowed)
        #expect(verdict.warnings.contains { $0.hasSuffix("(DefaultBackendConflict)") })
    }

    @Test("before everything has come nothing is judged")
    func early() {
        let core = PipelineCore(settings: TranslationSettings(), awaiting: ["Ingress"])
        #expect(core.surroundings(of: [web]) == nil)
    }

    @Test("the surroundings hold only who could want the same")
    func excerpt() {
        let court = Court(
            web, ingress("far", [rule("z.test", path("/"))]),
            ingress("near", [rule("a.test", path("/near"))]),
            ingress("same", created: 9, [rule("a.test", path("/shop/"))]))
        let around = court.core.surroundings(of: [ingress("new", [rule("a.test", path("/shop"))])])
        #expect(around?.state.ingresses.keys.sorted() == [key("same"), key("web")])
        #expect(around?.state.secrets.isEmpty == true && around?.state.slices.isEmpty == true)
    }
}

@Suite("Answers of admission")
struct AdmissionVerdictTests {
    private func answer(_ verdict: AdmissionVerdict) -> String {
        var review = AdmissionReview()
        review.uid = "a\"b"
        return String(decoding: verdict.answer(to: review), as: UTF8.self)
    }

    @Test("an allowed object is answered with nothing but that")
    func allowed() {
        #expect(
            answer(AdmissionVerdict(problems: [], warnings: []))
                == #"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"a\"b","allowed":true}}"#
        )
    }

    @Test("a refusal says why, and is Invalid")
    func denied() {
        let text = answer(AdmissionVerdict(problems: ["one", "two"], warnings: ["three"]))
        #expect(
            text.contains(#""allowed":false,"status":{"code":422,"reason":"Invalid","message":"one; two"}"#))
        #expect(text.contains(#""warnings":["three"]"#))
    }

    @Test("long lists and long warnings are cut")
    func bounded() {
        let text = answer(
            AdmissionVerdict(
                problems: (0..<30).map { "problem \($0)" },
                warnings: (0..<30).map { "warning \($0) " + String(repeating: "ä", count: 400) }))
        #expect(text.contains("problem 7; and 22 more"))
        #expect(text.contains(#""and 18 more""#))
        #expect(text.utf8.count < 5_000)
    }
}
