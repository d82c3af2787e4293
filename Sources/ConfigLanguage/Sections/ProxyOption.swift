/// What may follow `option`: with `no` in front it is off, with `default` what it is where nothing is said.
struct ProxyOption: Sendable {
    let name: String
    /// Whether `no` and `default` may stand in front.
    let canBeNegated: Bool
    let apply: @Sendable (Bool, inout LineReader, inout Proxy) throws(Refusal) -> Void

    /// An option that does something; it is told whether it is on.
    init(
        _ name: String, canBeNegated: Bool = true,
        _ apply: @escaping @Sendable (Bool, inout LineReader, inout Proxy) throws(Refusal) -> Void
    ) {
        self.name = name
        self.canBeNegated = canBeNegated
        self.apply = apply
    }

    /// An option that is accepted with one warning, as it changes nothing here.
    static func ignored(_ name: String, canBeNegated: Bool = true, _ why: String) -> ProxyOption {
        ProxyOption(name, canBeNegated: canBeNegated) { isOn, line, _ in
            if isOn { line.ignore("option \(name)", why) }
            line.skipRest()
        }
    }
}
