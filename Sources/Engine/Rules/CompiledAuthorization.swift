import Basics
import Model

/// `Model.RequestAuthorization` as workers ask.
struct CompiledAuthorization: ~Copyable {
    /// Nobody is named: whoever serves the question here is asked.
    let asksRoutes: Bool
    let method: FixedArray<UInt8>
    let isHead: Bool
    let host: CompiledFormat
    let path: CompiledFormat
    let fields: FixedArray<CompiledPage.Field>
    let taken: FixedArray<FixedArray<UInt8>>
    /// One, or none.
    let signIn: FixedArray<CompiledFormat>
    /// Who is not asked about: one condition, or none.
    let needless: ConditionSet
    /// How answers are kept: one, or none.
    let keeping: FixedArray<CompiledKeeping>
    let setsCookiesOfErrors: Bool

    init(_ model: RequestAuthorization) {
        let method = FixedArray(model.method)
        let host = CompiledFormat(model.host)
        let path = CompiledFormat(model.path)
        let fields = FixedArray(count: model.fields.count) { CompiledPage.Field(model.fields[$0]) }
        let taken = FixedArray(count: model.taken.count) { FixedArray<UInt8>(model.taken[$0]) }
        let places = model.signIn.map { [$0] } ?? []
        let signIn = FixedArray(count: places.count) { CompiledFormat(places[$0]) }
        let needless = ConditionSet(model.needless.map { [$0] } ?? [])
        let terms = model.keeping.map { [$0] } ?? []
        let scope = CompiledKeeping.scope(of: model)
        let keeping = FixedArray(count: terms.count) { CompiledKeeping(terms[$0], scope: scope) }
        asksRoutes = model.backend == nil
        isHead = model.method == "HEAD"
        setsCookiesOfErrors = model.setsCookiesOfErrors
        self.method = method
        self.host = host
        self.path = path
        self.fields = fields
        self.taken = taken
        self.signIn = signIn
        self.needless = needless
        self.keeping = keeping
    }

    /// Whether the request gets a field of the answer.
    func takes(_ name: ByteView) -> Bool {
        for i in 0..<taken.count where taken[i].view.equalsIgnoringCase(name) { return true }
        return false
    }

    /// Whether the client sees cookies of who was asked beside an answer of this status.
    func setsCookies(besides status: UInt16) -> Bool {
        switch status {
        case 200, 201, 204, 206, 301...304, 307, 308: true
        default: setsCookiesOfErrors
        }
    }
}

/// `Model.RequestAuthorization.Keeping` as workers keep.
struct CompiledKeeping: ~Copyable {
    let key: CompiledFormat
    let lifetimes: [UInt16: Int]
    /// What tells this question from all others.
    let scope: [UInt8]

    init(_ model: RequestAuthorization.Keeping, scope: [UInt8]) {
        let key = CompiledFormat(model.key)
        self.key = key
        lifetimes = model.lifetimes
        self.scope = scope
    }

    /// What is asked of whom, and taken of the answer: a configuration that changes any of it starts anew.
    static func scope(of model: RequestAuthorization) -> [UInt8] {
        guard model.keeping != nil else { return [] }
        let question = [
            model.backend?.description ?? "", model.method, "\(model.host)", "\(model.path)",
            model.taken.joined(separator: " "), "\(model.signIn != nil)",
        ]
        let fields = model.fields.map { "\($0.name): \($0.value)" }
        let hash = Array((question + fields).joined(separator: "\n").utf8).withView { KeyedHash.hash($0) }
        return (0..<8).map { UInt8(truncatingIfNeeded: hash >> ($0 * 8)) }
    }
}
