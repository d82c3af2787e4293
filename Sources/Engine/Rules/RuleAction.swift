import Basics
import Model

/// `Model.HTTPAction` as workers do it: whatever it needs is a place in its list.
enum RuleAction {
    case allow
    case deny(AnswerCode)
    case tarpit(AnswerCode)
    case reject
    case silentDrop
    case answer(AnswerCode)
    case redirect(Int)
    case authenticate(field: Int)
    case change(Int)
    case variable(Int)
    case count(Int)
    case patterns(Int)
    case setSource(Int)
    case limitBandwidth(Int)
    case earlyHint(Int)
    /// The reason among the list's texts.
    case setStatus(UInt16, reason: Int)
    /// Of those of `LogLevel`; nil is no line.
    case setLogLevel(UInt8?)
    case capture(Int, slot: Int)
    case service(Int)
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
