import Basics
import Model
import Wire

/// `Model.MessageChange` as workers make it.
struct CompiledChange: ~Copyable {
    let kind: Kind
    /// Of fields: their name, or what names are compared with.
    let name: FixedArray<UInt8>
    let format: CompiledFormat
    let pattern: Unmanaged<RegularExpression>?
    /// Keeps it alive.
    private let owned: RegularExpression?

    enum Kind {
        case addField
        case setField
        /// By the pattern where there is one.
        case removeFields(TextMatch)
        case replaceField
        case replaceValues
        case setMethod
        case setTarget(TargetPart)
        case replaceTarget(TargetPart)
        /// Whoever made it has reported that its pattern is none.
        case impossible
    }

    init(_ change: MessageChange) {
        var (name, format, pattern) = ("", FormatString([]), String?.none)
        var kind: Kind
        switch change {
        case .addField(let of, let value): (kind, name, format) = (.addField, of, value)
        case .setField(let of, let value): (kind, name, format) = (.setField, of, value)
        case .removeFields(.text(let match, let text)): (kind, name) = (.removeFields(match), text)
        case .removeFields(.regex(let text)): (kind, pattern) = (.removeFields(.exact), text)
        case .replaceField(let of, let text, let value, let isEachValue):
            kind = isEachValue ? .replaceValues : .replaceField
            (name, pattern, format) = (of, text, value)
        case .setMethod(let value): (kind, format) = (.setMethod, value)
        case .setTarget(let part, let value): (kind, format) = (.setTarget(part), value)
        case .replaceTarget(let part, let text, let value):
            (kind, pattern, format) = (.replaceTarget(part), text, value)
        }
        var isOfNames = false
        if case .removeFields = kind { isOfNames = true }
        owned = pattern.flatMap { RegularExpression($0, ignoresCase: isOfNames) }
        if pattern != nil, owned == nil { kind = .impossible }
        self.kind = kind
        self.pattern = owned.map { Unmanaged.passUnretained($0) }
        self.name = FixedArray(name)
        self.format = CompiledFormat(format)
    }
}
