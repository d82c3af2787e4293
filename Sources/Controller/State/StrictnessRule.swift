/// What is usually not served because it is not wholly understood, and what an operator may let through instead, rule by rule: `--relax`.
public enum StrictnessRule: String, Sendable, Hashable, CaseIterable {
    /// An annotation whose value is not of its form leaves its Ingress out. Relaxed it is ignored. Annotations that keep clients out or
    /// verify servers never are.
    case values = "invalid-values"
    /// Fields of answers that a ConfigMap should hold and does not close the Ingress's paths. Relaxed they are not set.
    case fields = "unusable-fields"
    /// A `configuration-snippet` or `server-snippet` that is not translated closes the Ingress's paths. Relaxed it is ignored, and what
    /// it guarded is open.
    case snippets

    /// What `--help` and documentation say of it.
    public var sentence: String {
        switch self {
        case .values: "values that are not of their form are ignored, but in annotations about access and TLS"
        case .fields: "fields of answers from ConfigMaps that can not be used are left out"
        case .snippets: "snippets that are not translated are ignored: what they guarded is open"
        }
    }
}

/// How annotations are read.
struct ReadingChoices: Sendable, Equatable {
    /// Whether known lines of snippets become rules.
    var translatesSnippets = false
    var relaxed: Set<StrictnessRule> = []
    /// Which ones are.
    var prefixes = AnnotationPrefixes()
}
