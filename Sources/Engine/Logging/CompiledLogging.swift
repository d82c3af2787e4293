import Basics
import Model
import Synchronization

/// `Model.Logging` as workers write by it.
final class CompiledLogging: Sendable {
    let format: CompiledFormat
    /// Empty, as `data`, if there is none.
    let errorFormat: CompiledFormat
    let hasErrorFormat: Bool
    let data: CompiledFormat
    /// Where the lines go; nil if there is nobody, or no place for another plan.
    let plan: UInt16?
    let skipsEmpty: Bool
    let skipsNormal: Bool
    private let separatesErrors: Bool
    private let countsLines: Bool
    private let lines = Atomic<Int>(0)

    init(_ model: Logging, plans: LogPlans) {
        format = CompiledFormat(model.format)
        errorFormat = CompiledFormat(model.errorFormat ?? FormatString([]))
        hasErrorFormat = model.errorFormat != nil
        data = CompiledFormat(model.structuredData ?? FormatString([]))
        plan =
            model.targets.isEmpty
            ? nil
            : plans.number(of: LogPlan(targets: model.targets, tag: model.tag, host: model.hostName))
        skipsEmpty = model.skipsEmpty
        skipsNormal = model.skipsNormal
        separatesErrors = model.separatesErrors
        countsLines = [model.format, model.errorFormat, model.structuredData].contains {
            $0?.contains([.logNumber]) == true
        }
    }

    /// How important a line is.
    func level(isError: Bool) -> LogLevel { isError && separatesErrors ? .error : .information }

    /// Lines written so far, counted where a format asks.
    var lineCount: Int { lines.load(ordering: .relaxed) }

    func countLine() {
        if countsLines { lines.wrappingAdd(1, ordering: .relaxed) }
    }
}
