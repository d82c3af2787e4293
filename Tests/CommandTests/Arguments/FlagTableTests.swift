import Testing

@testable import Command

@Suite("The flag table")
struct FlagTableTests {
    @Test("no subcommand has two flags of one name or letter", arguments: Subcommand.allCases)
    func unique(subcommand: Subcommand) {
        let flags = FlagTable.flags(of: subcommand)
        #expect(Set(flags.map(\.name)).count == flags.count)
        let letters = flags.compactMap(\.letter)
        #expect(Set(letters).count == letters.count)
    }

    @Test("every default is of its flag's form", arguments: FlagTable.flags.map(\.name))
    func defaults(name: String) throws {
        let flag = try #require(FlagTable.flags.first { $0.name == name })
        if let fallback = flag.fallback { #expect(flag.value.accepts(fallback)) }
        #expect(flag.help.hasSuffix("."))
    }

    @Test(
        "the contract's flags of controller are all known",
        arguments: [
            "kubeconfig", "context", "namespace", "ingress-class", "controller-name",
            "watch-ingress-without-class",
            "annotations-prefix", "bind-address", "http-port", "https-port", "ops-port", "admin-address",
            "admin-socket",
            "workers", "configmap", "default-tls-secret", "default-backend-service", "publish-service",
            "publish-status-address", "election-id", "no-leader-election", "endpoint-access", "override",
            "drain-delay",
            "drain-timeout",
            "log-level", "log-format", "access-log", "metrics-names",
        ])
    func contract(name: String) {
        #expect(FlagTable.flags(of: .controller).contains { $0.name == name })
    }

    @Test(
        "help names every flag of this build and its default, within 100 columns",
        arguments: Subcommand.allCases)
    func help(subcommand: Subcommand) {
        let text = HelpText.of(subcommand)
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for flag in FlagTable.flags(of: subcommand) {
            #expect(text.contains("--\(flag.name)"))
            if let fallback = flag.fallback { #expect(words.contains("Default: \(fallback).")) }
        }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
}
