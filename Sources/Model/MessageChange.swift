/// How a rule changes a message that goes on.
public enum MessageChange: Sendable, Equatable {
    /// One more field of a name.
    case addField(String, FormatString)
    /// The one field of a name.
    case setField(String, FormatString)
    /// No field whose name is one of these.
    case removeFields(FieldNames)
    /// Fields of a name whose value, or each value between commas, matches are replaced. `\\1` is the first group.
    case replaceField(String, pattern: String, FormatString, isEachValue: Bool)
    case setMethod(FormatString)
    case setTarget(TargetPart, FormatString)
    /// The part is replaced if it matches.
    case replaceTarget(TargetPart, pattern: String, FormatString)

    /// What is written; nil if nothing is.
    public var format: FormatString? {
        switch self {
        case .addField(_, let format), .setField(_, let format), .replaceField(_, _, let format, _),
            .setMethod(let format), .setTarget(_, let format), .replaceTarget(_, _, let format):
            format
        case .removeFields: nil
        }
    }

    /// What its formats can be had from.
    public var needs: SampleLayers { format?.needs ?? [] }
}

/// A part of what a request asks for.
public enum TargetPart: String, Sendable, CaseIterable {
    case path
    case pathAndQuery = "pathq"
    case query
    /// As `pathAndQuery`; scheme and host in front of it are dropped.
    case url = "uri"
    /// The path in the form by which routes match it, decoded; what it becomes is percent-encoded. Not a word of haproxy.cfg.
    case matchedPath = "matched path"
}

/// Names of fields, compared without case.
public enum FieldNames: Sendable, Equatable {
    case text(TextMatch, String)
    case regex(String)
}
