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
    }

    /// Whether the client sees cookies of who was asked beside an answer of this status.
    func setsCookies(besides status: UInt16) -> Bool {
        switch status {
        case 200, 201, 204, 206, 301...304, 307, 308: true
        default: setsCookiesOfErrors
        }
    }
}
