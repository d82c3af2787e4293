import Model

/// `req.body`, `res.body` and their kin: of a body, as far as it has been waited for.
enum BodySamples {
    /// What an expression may begin with.
    static let fetches: [(String, FetchTable.Reader)] = [
        ("req.body", { _ in .body(.bytes) }),
        ("req.body_len", { _ in .body(.length) }),
        ("req.body_size", { _ in .body(.size) }),
        ("req.body_param", { arguments in .body(.field(arguments.takeIfAny()?.text)) }),
        ("res.body", { _ in .answerBody(.bytes) }),
        ("res.body_len", { _ in .answerBody(.length) }),
        ("res.body_size", { _ in .answerBody(.size) }),
    ]
}
