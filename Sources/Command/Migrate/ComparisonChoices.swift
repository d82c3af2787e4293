/// What `sluice migrate --compare` was told.
struct ComparisonChoices: Sendable {
    /// The two that are asked; nil: nothing is compared.
    let first: ProxyAddress
    let second: ProxyAddress
    /// Files of requests.
    let files: [String]
    /// Lines that go with every request.
    let headers: [String]
    let ignoredFields: Set<String>
    let comparesErrorBodies: Bool
    let includesUnsafe: Bool
    let isInsecure: Bool
    let milliseconds: Int
    let isJSON: Bool

    /// Flags that say something about a comparison.
    private static let own = [
        "requests", "header", "ignore-header", "error-bodies", "unsafe-methods", "insecure", "timeout",
    ]

    /// Reads arguments; nil if nothing is to be compared.
    init?(_ arguments: Arguments) throws(UsageError) {
        guard let addresses = arguments.values["compare"] else {
            guard let flag = ComparisonChoices.own.first(where: { arguments.values[$0] != nil }) else {
                return nil
            }
            throw .conflict("--\(flag): only with --compare URL URL")
        }
        guard addresses.count == 2, let first = ProxyAddress(addresses[0]),
            let second = ProxyAddress(addresses[1])
        else { throw .conflict("--compare: give two URLs, http://ADDRESS:PORT or https://ADDRESS:PORT") }
        guard arguments.values["write"] == nil else {
            throw .conflict("--write and --compare: only one of them")
        }
        let form = arguments.value("output") ?? "text"
        guard form != "html" else { throw .conflict("--output html: --compare prints text or json") }
        (self.first, self.second, isJSON) = (first, second, form == "json")
        files = arguments.values["requests"] ?? []
        headers = arguments.values["header"] ?? []
        ignoredFields = Set((arguments.values["ignore-header"] ?? []).map { $0.lowercased() })
        comparesErrorBodies = arguments.isPresent("error-bodies")
        includesUnsafe = arguments.isPresent("unsafe-methods")
        isInsecure = arguments.isPresent("insecure")
        milliseconds = arguments.value("timeout").flatMap(ValueForm.milliseconds) ?? 10_000
    }
}
