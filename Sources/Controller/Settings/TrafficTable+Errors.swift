/// Keys of the ConfigMap about errors that somebody else writes the answers to.
extension TrafficTable {
    static let errors: [Row] = [
        Row(
            .own("custom-http-errors"), .nginx("custom-http-errors"), form: .errorStatuses, fallback: "none",
            "As the annotation, for every path of an Ingress without it; the default backend of the flags writes the answers. `error-page-CODE` replaces pages of ours without it."
        ) { $0.errors.statuses = $1 },
        Row(
            .own("disable-proxy-intercept-errors"), .nginx("disable-proxy-intercept-errors"), form: .bool,
            fallback: "false", "As the annotation."
        ) { $0.errors.leavesServersAnswers = $1 },
    ]
}
