import Basics

/// What rules have made of one exchange; most have none.
struct Ruling: ~Copyable {
    /// What a tarpitted client is answered in the end.
    var tarpit: ChosenPage?
    /// The request's head, if rules have changed it: what came, and behind it what they made.
    var head = Buffer()
    /// The same of the answer's.
    var answer = Buffer()
}

/// What a rule answers, found out.
struct ChosenPage {
    /// The rule's own; nil is that of the status.
    let own: Ref<ErrorPages.Page>?
    let status: UInt16
}
