import Basics
import Model

/// `Model.Captures` as workers keep them.
final class CompiledCaptures: Sendable {
    let request: FixedArray<Slot>
    let response: FixedArray<Slot>
    /// One or none.
    let cookies: FixedArray<Slot>

    struct Slot: ~Copyable {
        let name: FixedArray<UInt8>
        let length: Int

        init(_ slot: Captures.Slot) {
            let bytes = FixedArray(slot.name ?? "")
            length = max(0, slot.length)
            name = bytes
        }
    }

    /// Nil if nothing is kept.
    init?(_ captures: Captures) {
        guard !captures.isEmpty else { return nil }
        let cookies = captures.cookie.map { [$0] } ?? []
        request = FixedArray(count: captures.request.count) { Slot(captures.request[$0]) }
        response = FixedArray(count: captures.response.count) { Slot(captures.response[$0]) }
        self.cookies = FixedArray(count: cookies.count) { Slot(cookies[$0]) }
    }

    /// Whether answers have to be looked at.
    var asksAnswers: Bool { response.count > 0 || cookies.count > 0 }

    /// How much a place holds; nil if there is no such place.
    func length(of slot: Int, isAnswer: Bool) -> Int? {
        if isAnswer { return slot < response.count ? response[slot].length : nil }
        return slot < request.count ? request[slot].length : nil
    }
}

/// `Model.UniqueID` as workers make it.
final class CompiledUniqueID: Sendable {
    let format: CompiledFormat
    /// Empty is none.
    let field: FixedArray<UInt8>

    /// Nil without a format.
    init?(_ model: UniqueID) {
        guard let text = model.format else { return nil }
        format = CompiledFormat(text)
        field = FixedArray(model.field ?? "")
    }
}

extension VariableKey {
    /// Where a place's bytes are kept.
    static func captured(_ slot: Int, isAnswer: Bool) -> VariableKey {
        VariableKey(isAnswer ? .response : .request, hash: UInt64(slot))
    }

    static func capturedCookie(isAnswer: Bool) -> VariableKey {
        VariableKey(isAnswer ? .response : .request, hash: .max)
    }

    static var uniqueID: VariableKey { VariableKey(.transaction, hash: 0) }
}
