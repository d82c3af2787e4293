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
    /// Lines of requests go to the process's own log.
    let isOfProcess: Bool
    /// They tell of each attempt at a server.
    let tellsAttempts: Bool
    /// What lines become for targets with a profile of their own.
    let profiles: [CompiledLogProfile]
    let hasProfiles: Bool
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
        isOfProcess = model.isOfProcess
        tellsAttempts = model.format.tellsAttempts
        profiles = CompiledLogProfile.all(of: model, plans: plans)
        hasProfiles = !profiles.isEmpty
        skipsEmpty = model.skipsEmpty
        skipsNormal = model.skipsNormal
        separatesErrors = model.separatesErrors
        let steps = model.profiled.flatMap(\.profile.steps.values)
        let formats = [model.format, model.errorFormat, model.structuredData]
        countsLines = (formats + steps.flatMap { [$0.format, $0.structuredData] }).contains {
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
