import Basics
import Model

/// `Model.Variable` as workers look it up: by a hash of 64 bits, as HAProxy does. Names come from the configuration alone.
struct VariableKey: Equatable {
    let scope: Variable.Scope
    let hash: UInt64

    init(_ scope: Variable.Scope, hash: UInt64) {
        self.scope = scope
        self.hash = hash
    }

    init(_ variable: Variable) {
        scope = variable.scope
        hash = variable.description.withView { XXHash64.hash($0) }
    }
}

extension VariableConditions {
    /// Whether a variable may be set to a sample; `isSet` says whether it has a value, and `number` which if it is one.
    func allow(_ sample: Sample, scope: Variable.Scope, isSet: Bool, number: Int64?) -> Bool {
        if isEmpty { return true }
        let exists = isSet || scope == .process
        if contains(.ifExists) && !exists || contains(.ifNotExists) && exists { return false }
        if contains(.ifSet) && !isSet || contains(.ifNotSet) && isSet { return false }
        let hasNoByte =
            switch sample {
            case .string(let bytes), .binary(let bytes), .method(let bytes): bytes.isEmpty
            case .boolean, .integer, .address: false
            }
        if contains(.ifEmpty) && !hasNoByte || contains(.ifNotEmpty) && hasNoByte { return false }
        guard case .integer(let new) = sample, let number else { return true }
        return !(contains(.ifGreater) && number <= new || contains(.ifLess) && number >= new)
    }
}
