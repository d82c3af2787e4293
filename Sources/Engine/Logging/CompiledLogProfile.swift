import Basics
import Model

/// `Model.LogProfile` as workers write by it, for all targets that have the same.
final class CompiledLogProfile: Sendable {
    /// Where its lines go; nil if there is no place for another plan.
    let plan: UInt16?
    private let steps: [LogStep: CompiledStep]

    /// What a line becomes.
    final class CompiledStep: Sendable {
        let isDropped: Bool
        let format: CompiledFormat
        let hasFormat: Bool
        let data: CompiledFormat
        let hasData: Bool

        init(_ model: LogProfile.Step) {
            isDropped = model.isDropped
            format = CompiledFormat(model.format ?? FormatString([]))
            hasFormat = model.format?.parts.isEmpty == false
            data = CompiledFormat(model.structuredData ?? FormatString([]))
            hasData = model.structuredData?.parts.isEmpty == false
        }
    }

    private init(_ profile: LogProfile, targets: [LogTarget], of model: Logging, plans: LogPlans) {
        plan = plans.number(
            of: LogPlan(targets: targets, tag: profile.tag ?? model.tag, host: model.hostName))
        steps = profile.steps.mapValues { CompiledStep($0) }
    }

    /// One for each profile, in the order they are named.
    static func all(of model: Logging, plans: LogPlans) -> [CompiledLogProfile] {
        var groups: [(profile: LogProfile, targets: [LogTarget])] = []
        for profiled in model.profiled {
            if let place = groups.firstIndex(where: { $0.profile == profiled.profile }) {
                groups[place].targets.append(profiled.target)
            } else {
                groups.append((profiled.profile, [profiled.target]))
            }
        }
        return groups.map { CompiledLogProfile($0.profile, targets: $0.targets, of: model, plans: plans) }
    }

    /// What holds at a moment; nil leaves the line as it is.
    func step(_ moment: LogStep) -> CompiledStep? { steps[moment] ?? steps[.any] }
}

extension LogStep {
    /// HAProxy's word for it in lines (`%OG`); nil is the end.
    static func origin(_ moment: LogStep?) -> StaticString {
        switch moment {
        case .connectionRule: "tcp-req-conn"
        case .sessionRule: "tcp-req-sess"
        case .contentRule: "tcp-req-cont"
        case .answerContentRule: "tcp-res-cont"
        case .requestRule: "http-req"
        case .responseRule: "http-res"
        case .afterResponseRule: "http-after-res"
        default: "txn_close"
        }
    }
}
