import Glibc
import Kubernetes
public import Model

/// Folders of manifests translated once, for `sluice check` and `sluice translate`.
public struct OneTranslation: Sendable {
    /// What the manifests become.
    public let configuration: Configuration
    /// What is wrong with files and objects, in the order of files.
    public let diagnostics: [Diagnostic]

    /// What the annotations of Ingresses do to requests, in the order in which they act.
    public let annotations: [Origin: [AnnotationFact]]

    /// What whoever serves would say of a configuration: what it can not use, and when certificates end.
    public typealias Trial = (Configuration) -> (findings: [Diagnostic], ends: [CertificateName: Int64])

    /// Reads and translates `paths`. `trial` adds to what is wrong; the time of day is looked at then, for certificates that end.
    public init(of paths: [String], settings: TranslationSettings, trial: Trial? = nil) {
        var reader = FolderReader(paths)
        var core = PipelineCore(settings: settings, awaiting: [])
        for update in reader.read(at: 0) { core.apply(update) }
        for name in settings.overrideNames {
            guard case .found(let addresses, _) = NameLookup().addresses(of: name) else { continue }
            core.apply(.chosenAddresses(of: name, addresses))
        }
        _ = core.due(now: 0)
        configuration = core.translator.configuration
        let tried = trial?(configuration)
        if let tried {
            core.noteExpiry(
                of: [Change(from: Configuration(), to: configuration)], now: 0, today: Int64(time(nil)),
                ends: { _ in tried.ends })
        }
        var annotations: [Origin: [AnnotationFact]] = [:]
        for (key, ingress) in reader.contents?.ingresses ?? [:] {
            let facts = AnnotationFact.facts(of: ingress, settings.reading)
            if !facts.isEmpty { annotations[Origin(key)] = facts }
        }
        self.annotations = annotations
        let places = reader.places
        let found = (core.diagnostics + (tried?.findings ?? [])).map { finding in
            var finding = finding
            finding.location =
                finding.location
                ?? places["\(finding.kind) \(finding.object.namespace)/\(finding.object.name)"]
            return finding
        }
        diagnostics = (reader.diagnostics + found).sorted {
            ($0.location?.file ?? "", $0.location?.line ?? 0, $0.field, $0.message) < (
                $1.location?.file ?? "", $1.location?.line ?? 0, $1.field, $1.message
            )
        }
    }
}
