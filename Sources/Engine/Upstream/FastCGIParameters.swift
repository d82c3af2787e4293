import Basics
import Model

/// What FastCGI servers of a backend are told, in the form in which it is written.
final class FastCGIParameters: Sendable {
    /// What stands behind a script's `/`.
    let index: FixedArray<UInt8>
    let parameters: FixedArray<Parameter>
    /// Whether connections are kept for other requests.
    let keepsConnections: Bool

    struct Parameter: ~Copyable {
        let name: FixedArray<UInt8>
        let pieces: FixedArray<Piece>

        init(_ model: FastCGI.Parameter) {
            let pieces = FixedArray(count: model.value.count) { Piece(model.value[$0]) }
            name = FixedArray(model.name)
            self.pieces = pieces
        }
    }

    /// A variable or, without one, a format.
    struct Piece: ~Copyable {
        let variable: FastCGI.Variable?
        let format: CompiledFormat

        init(_ model: FastCGI.Piece) {
            var (variable, text) = (FastCGI.Variable?.none, FormatString([]))
            switch model {
            case .variable(let known): variable = known
            case .format(let given): text = given
            }
            let format = CompiledFormat(text)
            self.variable = variable
            self.format = format
        }
    }

    /// Nil if no server of the backend speaks it.
    init?(_ backend: Backend) {
        guard backend.speaksFastCGI else { return nil }
        let model = backend.fastCGI ?? FastCGI()
        index = FixedArray(model.index)
        keepsConnections = model.keepsConnections
        parameters = FixedArray(count: model.parameters.count) { Parameter(model.parameters[$0]) }
    }
}

extension Backend {
    /// Whether any of its servers speaks FastCGI.
    var speaksFastCGI: Bool { servers.contains { $0.speaks == .fastCGI } }
}
