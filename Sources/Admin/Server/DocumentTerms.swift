import Synchronization

/// On what terms documents are taken by a server: where, of which type and how long, and who answers them.
public struct DocumentTerms: Sendable {
    /// The path they are handed in at; a query behind it says nothing.
    public var path: String
    /// Their media type, in lower case.
    public var type = "application/json"
    /// The longest one, in bytes.
    public var longest = 8 << 20
    /// How many bytes of unfinished documents there may be at one time, of all clients.
    public var budget = 32 << 20
    let answer: @Sendable ([UInt8]) -> ControlResponse
    let onRefusal: @Sendable (UInt16) -> Void

    /// Terms for one path. `answer` is called on the server's thread, one document after the other, `onRefusal` with the status of
    /// each request that does not come so far.
    public init(
        path: String, onRefusal: @escaping @Sendable (UInt16) -> Void = { _ in },
        answer: @escaping @Sendable ([UInt8]) -> ControlResponse
    ) {
        (self.path, self.answer, self.onRefusal) = (path, answer, onRefusal)
    }
}

/// How much memory unfinished documents take together.
final class DocumentBudget: Sendable {
    private let left: Atomic<Int>

    init(_ bytes: Int) { left = Atomic(bytes) }

    fileprivate func take(_ bytes: Int) -> Bool {
        let (_, new) = left.subtract(bytes, ordering: .relaxed)
        guard new < 0 else { return true }
        left.add(bytes, ordering: .relaxed)
        return false
    }

    fileprivate func giveBack(_ bytes: Int) { left.add(bytes, ordering: .relaxed) }
}

/// What one unfinished document has taken; given back when nobody holds it any more, however that came.
final class DocumentShare {
    private let budget: DocumentBudget
    private var taken = 0

    init(_ budget: DocumentBudget) { self.budget = budget }

    deinit { budget.giveBack(taken) }

    /// Takes more; false if there is no more.
    func grow(by bytes: Int) -> Bool {
        guard budget.take(bytes) else { return false }
        taken += bytes
        return true
    }
}
