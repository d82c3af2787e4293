public import Kubernetes
import Model

/// Whether an Ingress may be written: what the translation says of it, beside what is there. Pure; nothing is executed, read or
/// written for it.
///
/// The surroundings are translated twice, as they are and as they would be. What is worse then is a reason to refuse, if the Ingress
/// itself says it; what other objects lack may come later, and what was wrong before is not a reason to keep an object from being
/// changed. Both are told as warnings.
public struct AdmissionJudge: Sendable {
    private let settings: TranslationSettings
    /// Those that are read; empty is all.
    private let namespaces: Set<String>

    /// A judge of one class.
    public init(settings: TranslationSettings, namespaces: [String]) {
        (self.settings, self.namespaces) = (settings, Set(namespaces))
    }

    /// What others lack, or hold: it may be mended there.
    private static let aboutOthers: Set<String> = [
        "ServiceNotFound", "PortNotFound", "PortNotTCP", "PortInvalid", "ExternalNameRefused",
        "ExternalNameMissing", "ExternalNameUnresolved", "DefaultBackendMissing", "ConfigMapNotFound",
        "FieldInvalid",
    ]
    /// The surroundings hold no Secret: about these they know nothing.
    private static let aboutSecrets: Set<String> = ["SecretNotFound", "SecretUnusable"]
    /// Two Ingresses want the same, and one of them would not get it.
    private static let conflicts: Set<String> = ["PathConflict", "CanaryConflict"]

    /// The answer that needs no state; nil if the object has to be looked at.
    public func verdictWithoutState(of review: AdmissionReview) -> AdmissionVerdict? {
        guard review.resource.isIngress, ["CREATE", "UPDATE"].contains(review.operation),
            namespaces.isEmpty || namespaces.contains(review.namespace)
        else { return AdmissionVerdict() }
        switch review.object {
        case .ingress: return nil
        case .nothing:
            return AdmissionVerdict(problems: ["Ingress: the review holds no object"], warnings: [])
        case .unreadable(let object):
            return AdmissionVerdict(
                problems: ["Ingress \(object.key): \(object.reason); correct that field (ObjectUnreadable)"],
                warnings: [])
        }
    }

    /// The answer, with what is around the object.
    public func verdict(of review: AdmissionReview, in surroundings: AdmissionSurroundings)
        -> AdmissionVerdict
    {
        if let verdict = verdictWithoutState(of: review) { return verdict }
        guard var ingress = review.object.ingress else { return AdmissionVerdict() }
        // It has none before it is there: then it is the youngest.
        if ingress.meta.creationTimestamp == 0 { ingress.meta.creationTimestamp = .max }
        let selection = ClassSelection(
            settings: settings, classes: surroundings.state.classes,
            namespaces: surroundings.state.namespaces,
            knowsClasses: surroundings.knowsClasses)
        guard selection.selects(ingress) else {
            guard selection.refuses(ingress) else { return AdmissionVerdict() }
            let sentence = IngressCheck.catchAll(of: ingress).sentence
            // What was so before may be edited, and lose its finalizers.
            let isKnown = review.oldObject.ingress.map { selection.refuses($0) } ?? false
            return AdmissionVerdict(problems: isKnown ? [] : [sentence], warnings: isKnown ? [sentence] : [])
        }
        let old = review.oldObject.ingress
        let before = findings(surroundings, with: old.flatMap { selection.selects($0) ? $0 : nil })
        let after = findings(surroundings, with: ingress)
        var verdict = weigh(after, before, Origin(ingress.meta.key))
        verdict.warnings += AdmissionJudge.differences(of: ingress, since: old, settings.annotationPrefixes)
        return verdict
    }

    private func findings(_ surroundings: AdmissionSurroundings, with ingress: Ingress?) -> [Diagnostic] {
        var state = surroundings.state
        if let ingress { _ = state.set(ingress, at: ingress.meta.key) }
        var translator = Translator(settings: surroundings.settings)
        translator.knowsClasses = surroundings.knowsClasses
        _ = translator.translate(state.everything, of: state)
        return translator.allDiagnostics
    }

    /// A finding without its place: that moves when something is written before it.
    private struct Words: Hashable {
        let object: Origin
        let (reason, message): (String, String)

        init(_ finding: Diagnostic) {
            (object, reason, message) = (finding.object, finding.reason, finding.message)
        }
    }

    private func weigh(_ after: [Diagnostic], _ before: [Diagnostic], _ own: Origin) -> AdmissionVerdict {
        let known = Set(before.map { Words($0) })
        var (problems, warnings): ([String], [String]) = ([], [])
        for finding in after where finding.kind == Ingress.resource.kind {
            let isOwn = finding.object == own
            let isConflict = AdmissionJudge.conflicts.contains(finding.reason)
            guard isOwn || isConflict, !AdmissionJudge.aboutSecrets.contains(finding.reason) else { continue }
            let isKnown = known.contains(Words(finding))
            let isOfOthers = AdmissionJudge.aboutOthers.contains(finding.reason)
            if !isKnown, isConflict || finding.severity == .error && !isOfOthers {
                let taker = isOwn ? "" : "Ingress \(own.namespace)/\(own.name) would take what another has: "
                problems.append(taker + finding.sentence)
            } else if isOwn {
                warnings.append(finding.sentence)
            }
        }
        return AdmissionVerdict(problems: problems, warnings: warnings)
    }

    /// What is honoured otherwise than elsewhere, of annotations that are new.
    private static func differences(
        of ingress: Ingress, since old: Ingress?, _ prefixes: AnnotationPrefixes
    ) -> [String] {
        ingress.meta.annotations.sorted { $0.key < $1.key }.compactMap { key, value in
            guard old?.meta.annotations[key] != value, let name = prefixes.name(of: key),
                let place = AnnotationTable.place(of: name),
                case .differs(let how) = AnnotationTable.rows[place].standing
            else { return nil }
            return "metadata.annotations[\(key)]: honoured, with a difference: \(how)"
        }
    }
}
