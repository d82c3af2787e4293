import Basics
import Model

/// `Model.HTTPAction` as workers do it: whatever it needs is a place in its list.
enum RuleAction {
    case allow
    case deny(AnswerCode)
    case tarpit(AnswerCode)
    case reject
    case silentDrop
    /// Before there is an answer, or of an answer that has come.
    case closeServer(isEarly: Bool)
    case answer(AnswerCode)
    case redirect(Int)
    case authenticate(field: Int)
    case change(Int)
    case normalize(TargetNormalizer)
    case variable(Int)
    case count(Int)
    case patterns(Int)
    case setSource(Int)
    case setSourcePort(Int)
    case setDestination(Int)
    case setDestinationPort(Int)
    case limitBandwidth(Int)
    case adjust(ConnectionSetting.Kind, Int)
    case earlyHint(Int)
    /// The reason among the list's texts.
    case setStatus(UInt16, reason: Int)
    /// Of those of `LogLevel`; nil is no line.
    case setLogLevel(UInt8?)
    case repeatNothing
    case setStrictness(Bool)
    case log(LogStep)
    case capture(Int, slot: Int)
    case service(Int)
    case waitForBody(Int)
    /// Rules behind it look at what has come of an answer's body.
    case glance
    case resolve(Int)
    /// Milliseconds; or what an expression gives.
    case setTimeout(TimeoutChange.Kind, Int)
    case setTimeoutBySample(TimeoutChange.Kind, Int)
    /// Conditions behind those of the rules: 503 if one of them holds.
    case monitor(failing: Range<Int>)
}

/// What a rule answers.
enum AnswerCode {
    case page(UInt16)
    /// One of the list's pages.
    case own(Int)
    /// One of those that are written by formats.
    case composed(Int)
}
