import Testing

@testable import Command

@Suite("ingress-nginx's command line as ours")
struct NginxCommandLineTests {
    private static let usual = [
        "controller", "--http-port=80", "--https-port=443", "--ingress-class=nginx",
        "--controller-name=k8s.io/ingress-nginx", "--election-id=ingress-controller-leader",
    ]

    private func read(_ words: String...) throws -> NginxCommandLine {
        try NginxCommandLine(["nginx-ingress-controller"] + words)
    }

    @Test("it is meant by the program's name or the first argument alone")
    func meant() {
        #expect(NginxCommandLine.isMeant(by: ["/usr/bin/nginx-ingress-controller", "--v=2"]))
        #expect(NginxCommandLine.isMeant(by: ["/usr/bin/sluice", "/nginx-ingress-controller", "--v=2"]))
        #expect(!NginxCommandLine.isMeant(by: ["sluice", "check", "nginx-ingress-controller"]))
        #expect(!NginxCommandLine.isMeant(by: []))
    }

    @Test("the chart's own list of arguments is understood, and all of it without effect is one line")
    func chart() throws {
        let line = try read(
            "--publish-service=a/ingress-nginx-controller", "--election-id=ingress-nginx-leader",
            "--controller-class=k8s.io/ingress-nginx", "--ingress-class=nginx",
            "--configmap=a/ingress-nginx-controller", "--validating-webhook=:8443",
            "--validating-webhook-certificate=/usr/local/certificates/cert", "--enable-metrics=false",
            "--watch-namespace=", "--default-ssl-certificate=a/tls", "--shutdown-grace-period=5",
            "--disable-leader-election")
        #expect(
            line.words == Self.usual + [
                "--publish-service=a/ingress-nginx-controller", "--election-id=ingress-nginx-leader",
                "--controller-name=k8s.io/ingress-nginx", "--ingress-class=nginx",
                "--configmap=a/ingress-nginx-controller", "--default-tls-secret=a/tls", "--drain-delay=5s",
                "--no-leader-election",
            ])
        #expect(line.warning?.contains("--validating-webhook (there is no admission webhook") == true)
        #expect(line.warning?.contains("\n") == false)
        let arguments = try Arguments.parse(line.words, environment: [:])
        guard case .run(let read) = arguments else { return #expect(Bool(false), "it is to run") }
        #expect(read.value("election-id") == "ingress-nginx-leader")
        #expect(read.value("http-port") == "80")
    }

    @Test("a flag that is off, or empty, is not told")
    func quiet() throws {
        #expect(try read("--disable-catch-all=false", "--watch-namespace=").warning == nil)
        #expect(try read("--watch-ingress-without-class=false").words == Self.usual)
    }

    @Test("whoever writes no status publishes nothing")
    func status() throws {
        #expect(try read("--publish-service=a/b", "--update-status=false").words == Self.usual)
    }

    @Test(
        "what would open something, or is nobody's flag, starts nothing",
        arguments: [
            "--watch-namespace-selector=a=b", "--no-such-flag", "stray", "--update-status-on",
            "--disable-leader-election=perhaps",
        ])
    func refused(word: String) {
        #expect(throws: UsageError.self) { try read(word) }
    }

    @Test("help and version are ours")
    func help() throws {
        #expect(try read("--v=2", "--help").words == ["controller", "--help"])
        #expect(try read("--version").words == ["version"])
    }
}
