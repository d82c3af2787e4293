import Testing

@testable import ConfigLanguage

@Suite("Words that are refused with a reason")
struct RefusedKeywordsTests {
    @Test("a reason stands for a word that HAProxy has and that is not here")
    func reached() {
        let here = Set(BindDirectives.keywords.map(\.name))
        let words = RefusedKeywords.reasons.keys.filter { $0.hasPrefix("bind … ") }.map { $0.dropFirst(7) }
        #expect(!words.isEmpty)
        for word in words.map(String.init) {
            #expect(KnownKeywords.bind.contains(word) && !here.contains(word), "\(word)")
        }
    }

    @Test("every reason is told")
    func told() {
        for (name, reason) in RefusedKeywords.reasons where name.hasPrefix("bind … ") {
            let messages = findings("frontend f\n    mode http\n    bind :1 \(name.dropFirst(7))\n")
            #expect(messages.contains { $0.contains(reason) }, "\(name): \(messages)")
        }
    }

    @Test(
        "what HAProxy hands to others is refused with what there is in its place",
        arguments: [
            ("mailers m\n    mailer a 127.0.0.1:25\n", "no mail is sent"),
            ("backend b\n    email-alert from a@b.example\n", "no mail is sent"),
            ("frontend f\n    mode http\n    filter spoe engine a config b\n", "no agents are asked"),
            ("frontend f\n    mode http\n    http-request send-spoe-group a b\n", "no agents are asked"),
            ("backend b\n    option spop-check\n", "no agents are asked"),
            ("fcgi-app php\n    docroot /a\n", "servers of an haproxy.cfg speak HTTP"),
            ("backend b\n    use-fcgi-app php\n", "servers of an haproxy.cfg speak HTTP"),
            ("backend b\n    server a 127.0.0.1:9 proto fcgi\n", "servers of an haproxy.cfg speak HTTP"),
            ("global\n    lua-load a.lua\n", "there is no Lua here"),
        ])
    func handedToOthers(text: String, reason: String) {
        let refused = findings(text).filter { $0.contains(reason) }
        // What stands in a section that is refused is not told apart.
        #expect(refused.count == 1, "\(findings(text))")
    }

    @Test("no reason is given for samples of bodies, which are here")
    func bodies() {
        for name in ["res.body", "res.body_len", "res.body_size"] {
            #expect(AbsentSamples.reason(name) == nil && FetchTable.byName[name] != nil)
        }
    }
}
