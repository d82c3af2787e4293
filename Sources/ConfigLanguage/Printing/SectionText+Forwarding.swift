import Model

/// What servers are told of clients, as rules: the language has `option forwardfor` alone.
extension SectionText {
    mutating func addForwarding(_ frontend: Frontend) {
        let isTLS = frontend.binds.contains(where: \.isTLS)
        let scheme: Word = isTLS ? "https" : "http"
        for name in ["X-Forwarded-For", "X-Forwarded-Host"] {
            // What the client itself has sent, under another name.
            set("X-Original-\(name.dropFirst(2))", "%[req.fhdr(\(name))]", when: name, isThere: true)
        }
        if frontend.forwarding.namesRequests {
            set("X-Request-ID", "%[rand,hex]%[rand,hex]", when: "X-Request-ID", isThere: false)
        }
        let told: [(Word, Word)] = [
            ("X-Real-IP", "%[src]"), ("X-Forwarded-For", "%[src]"),
            ("X-Forwarded-Host", "%[req.hdr(host)]"), ("X-Forwarded-Port", isTLS ? "443" : "%[dst_port]"),
            ("X-Forwarded-Proto", scheme), ("X-Forwarded-Scheme", scheme), ("X-Scheme", scheme),
        ]
        for (name, value) in told { add("http-request", "set-header", name, value) }
        if !frontend.forwarding.trustedProxies.isEmpty {
            remark("what proxies in some networks say of clients is believed (trusted proxies)")
        }
    }

    private mutating func set(_ name: Word, _ value: Word, when field: String, isThere: Bool) {
        guard let found = try? Expression(.requestField(FieldPick(field))) else { return }
        let term = RuleCondition.Term([SampleTest(found, .found)], isNegated: !isThere)
        add(["http-request", "set-header", name, value], when: RuleCondition([[term]]))
    }
}
