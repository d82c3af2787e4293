import Basics
import Model

/// `Model.ErrorDelegation` as workers ask.
struct CompiledErrorDelegation: ~Copyable {
    let fields: FixedArray<CompiledPage.Field>
    let leavesServersAnswers: Bool
    let standsIn: Bool
    private let statuses: FixedArray<UInt16>

    init(_ model: ErrorDelegation) {
        let fields = FixedArray(count: model.fields.count) { CompiledPage.Field(model.fields[$0]) }
        let statuses = FixedArray(count: model.statuses.count) { model.statuses[$0] }
        self.fields = fields
        self.statuses = statuses
        leavesServersAnswers = model.leavesServersAnswers
        standsIn = model.standsIn
    }

    /// Whether an answer with this status is somebody else's to write.
    func covers(_ status: UInt16) -> Bool {
        for i in 0..<statuses.count where statuses[i] == status { return true }
        return false
    }

    /// Whether a field is one that only we say.
    func says(_ name: ByteView) -> Bool {
        if name.equalsIgnoringCase("x-code") { return true }
        for i in 0..<fields.count where fields[i].name.view.equalsIgnoringCase(name) { return true }
        return false
    }
}
