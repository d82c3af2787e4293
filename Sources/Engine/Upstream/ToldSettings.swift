import Basics
import Model
import Wire

/// `Model.ToldFields` in the units of the engine.
final class ToldSettings: Sendable {
    let source: AppendedField?
    let destination: AppendedField?
    let forwarded: CompiledForwardedField?
    /// The field that names the server; empty is none.
    let serverName: FixedArray<UInt8>
    let fieldNames: FieldNameCases?
    /// What heads need because of them.
    let needs: HeadNeeds

    /// Nil if there are none.
    init?(_ told: ToldFields) {
        guard told != ToldFields() else { return nil }
        source = told.source.map { AppendedField($0) }
        destination = told.destination.map { AppendedField($0) }
        forwarded = told.forwarded.map { CompiledForwardedField($0) }
        serverName = FixedArray(told.serverName ?? "")
        fieldNames = FieldNameCases(told.fieldNames)
        var needs = HeadNeeds()
        if source != nil || destination != nil { needs.insert(.addresses) }
        if serverName.count > 0 { needs.insert(.serverName) }
        if fieldNames != nil { needs.insert(.namesToServer) }
        self.needs = needs
    }
}
