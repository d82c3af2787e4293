import Testing

@testable import Command

@Suite("ingress-nginx's command line as ours")
struct NginxCommandLineTests {
    private static let usual = [
        "controller", "--http-port=80", "--https-port=443", "--ingress-class=nginx",
        "--controller-name=k8s.io/ingress-nginx", "--election-id=ingress-controller-leader",
        "--log-format=nginx", "--defaults=nginx",
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
            "--validating-webhook-certificate=/usr/local/certificates/cert",
            "--validating-webhook-key=/usr/local/certificates/key", "--enable-metrics=false",
            "--watch-namespace=", "--default-ssl-certificate=a/tls", "--shutdown-grace-period=5",
            "--disable-leader-election")
        #expect(
            line.words == Self.usual + [
                "--publish-service=a/ingress-nginx-controller", "--election-id=ingress-nginx-leader",
                "--controller-name=k8s.io/ingress-nginx", "--ingress-class=nginx",
                "--configmap=a/ingress-nginx-controller", "--admission-port=8443",
                "--admission-certificate=/usr/local/certificates/cert",
                "--admission-key=/usr/local/certificates/key", "--default-tls-secret=a/tls",
                "--drain-delay=5s",
                "--no-leader-election", "--admission-path=/networking/v1/ingresses", "--clear-status",
            ])
        #expect(line.warning == "accepted, and without effect here: --enable-metrics")
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

    @Test("without a webhook its certificate is not asked for, and one without a certificate is told of")
    func noWebhook() throws {
        let bare = try read("--validating-webhook=:8443")
        #expect(bare.words == Self.usual)
        #expect(bare.warning?.contains("--validating-webhook (it has no certificate") == true)
        #expect(
            try read(
                "--validating-webhook=", "--validating-webhook-certificate=/c", "--validating-webhook-key=/k"
            ).words
                == Self.usual)
    }

    @Test("whoever writes no status publishes nothing")
    func status() throws {
        #expect(
            try read(
                "--publish-service=a/b", "--update-status=false", "--report-node-internal-ip-address",
                "--update-status-on-shutdown"
            ).words == Self.usual)
    }

    @Test("status is emptied at the end by itself where it is written, and not where that is switched off")
    func statusAtTheEnd() throws {
        let publishing = "--publish-status-address=192.0.2.1"
        #expect(try read(publishing).words == Self.usual + [publishing, "--clear-status"])
        #expect(try read(publishing, "--update-status-on-shutdown=false").words == Self.usual + [publishing])
        #expect(
            try read("--update-status-on-shutdown", publishing).words
                == Self.usual + ["--clear-status", publishing])
        let internally = "--report-node-internal-ip-address"
        #expect(try read(internally).words == Self.usual + ["--publish-nodes=internal", "--clear-status"])
        #expect(try read(internally + "=false").words == Self.usual)
        let both = try read(internally, publishing)
        #expect(both.words == Self.usual + [publishing, "--clear-status"])
        #expect(both.warning?.contains("\(internally) (--publish-status-address says where)") == true)
        #expect(try read(internally + "=false", publishing).warning == nil)
    }

    @Test(
        "switches that mean something have a flag of ours",
        arguments: [
            ("--watch-namespace-selector=a=b", "--namespace-selector=a=b"),
            ("--disable-catch-all", "--no-catch-all"), ("--enable-topology-aware-routing", "--zone=auto"),
        ])
    func switches(word: String, expected: String) throws {
        let line = try read(word)
        #expect(line.words == Self.usual + [expected])
        #expect(line.warning == nil)
    }

    @Test(
        "what would open something, or is nobody's flag, starts nothing",
        arguments: [
            "--no-such-flag", "stray", "--update-status-on",
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
