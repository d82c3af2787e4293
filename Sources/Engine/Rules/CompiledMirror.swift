import Basics
import Model

/// `Model.RequestMirror` as workers send copies.
struct CompiledMirror: ~Copyable {
    let host: CompiledFormat
    let path: CompiledFormat
    let includesBody: Bool
    let hidesPasswords: Bool

    init(_ model: RequestMirror) {
        let host = CompiledFormat(model.host)
        let path = CompiledFormat(model.path)
        self.host = host
        self.path = path
        includesBody = model.includesBody
        hidesPasswords = model.hidesPasswords
    }
}
