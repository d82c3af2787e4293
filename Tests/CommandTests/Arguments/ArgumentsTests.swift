import Testing

@testable import Command

/// Parses a line of words separated by spaces.
private func parse(_ line: String, _ environment: [String: String] = [:]) throws -> Arguments.Request {
    try Arguments.parse(line.split(whereSeparator: { $0 == " " }).map(String.init), environment: environment)
}

private func arguments(_ line: String, _ environment: [String: String] = [:]) throws -> Arguments {
    guard case .run(let arguments) = try parse(line, environment) else { throw Unexpected() }
    return arguments
}

private func refusal(_ line: String, _ environment: [String: String] = [:]) -> String? {
    do {
        _ = try parse(line, environment)
        return nil
    } catch {
        return "\(error)"
    }
}

private struct Unexpected: Error {}

@Suite("The command line")
struct ArgumentsTests {
    @Test(
        "a flag takes its value from the next word or after an equals sign",
        arguments: [
            "controller --http-port 81", "controller --http-port=81",
            "controller --http-port=80 --http-port=81",
        ])
    func value(line: String) throws {
        #expect(try arguments(line).value("http-port") == "81")
    }

    @Test("a flag that is not given has its default")
    func fallback() throws {
        #expect(try arguments("controller").value("https-port") == "8443")
        #expect(try arguments("controller").value("workers") == nil)
    }

    @Test("a repeatable flag keeps every value in order")
    func repeated() throws {
        #expect(try arguments("controller --namespace a --namespace=b").values["namespace"] == ["a", "b"])
    }

    @Test(
        "a flag without a value may be spelled out",
        arguments: [
            ("dev --demo", true), ("dev --demo=true", true), ("dev x --demo=false", false), ("dev x", false),
        ])
    func present(line: String, expected: Bool) throws {
        #expect(try arguments(line).isPresent("demo") == expected)
    }

    @Test("words that are not flags are operands, and everything is after two dashes")
    func operands() throws {
        #expect(try arguments("check a --namespace=x b -- --help -z").operands == ["a", "b", "--help", "-z"])
        #expect(try arguments("check -").operands == ["-"])
    }

    @Test(
        "one-letter flags are the long ones", arguments: ["translate -o json x", "translate --output=json x"])
    func letter(line: String) throws {
        #expect(try arguments(line).values["output"] == ["json"])
    }

    @Test("every flag reads its variable, and the flag beats it")
    func environment() throws {
        let variables = ["SLUICE_HTTP_PORT": "81", "SLUICE_NAMESPACE": "a,b", "SLUICE_LOG_LEVEL": "debug"]
        let read = try arguments("controller --log-level=error", variables)
        #expect(read.value("http-port") == "81")
        #expect(read.values["namespace"] == ["a", "b"])
        #expect(read.value("log-level") == "error")
    }

    @Test("variables Kubernetes sets for a Service named sluice-http are not ports")
    func serviceLinks() throws {
        let variables = ["SLUICE_HTTP_PORT": "tcp://10.0.0.1:80", "SLUICE_SERVICE_HOST": "10.0.0.1"]
        #expect(try arguments("controller", variables).value("http-port") == "8080")
    }

    @Test("an empty variable is not set")
    func emptyVariable() throws {
        #expect(try arguments("controller", ["SLUICE_HTTP_PORT": ""]).value("http-port") == "8080")
    }

    @Test("--help wins wherever it stands, even beside mistakes", arguments: Subcommand.allCases)
    func help(subcommand: Subcommand) throws {
        #expect(try parse("\(subcommand.rawValue) --help") == .help(subcommand))
        #expect(try parse("\(subcommand.rawValue) --nonsense -h") == .help(subcommand))
        #expect(try parse("help \(subcommand.rawValue)") == .help(subcommand))
    }

    @Test("the overview is a subcommand away", arguments: ["help", "--help", "-h"])
    func overview(line: String) throws {
        #expect(try parse(line) == .overview)
    }

    @Test(
        "a mistake is one line with the word at fault and the way out",
        arguments: [
            ("controler", "unknown subcommand controler; did you mean controller?"),
            ("controller --http-prot 1", "controller: unknown flag --http-prot; did you mean --http-port?"),
            (
                "controller --htpps-port=1",
                "controller: unknown flag --htpps-port; did you mean --https-port?"
            ),
            ("controller -http-port 1", "controller: unknown flag -http-port; did you mean --http-port?"),
            ("dev x --kubeconfig f", "dev: --kubeconfig is a flag of controller, migrate only"),
            ("controller --http-port", "--http-port: a value is missing; expected a port from 0 to 65535"),
            (
                "controller --http-port 65536",
                "--http-port: cannot read \"65536\"; expected a port from 0 to 65535"
            ),
            (
                "controller --log-level=loud",
                "--log-level: cannot read \"loud\"; expected error, warning, info, debug"
            ),
            (
                "controller --default-tls-secret=x",
                "--default-tls-secret: cannot read \"x\"; expected NAMESPACE/NAME"
            ),
            (
                "controller --bind-address=nowhere",
                "--bind-address: cannot read \"nowhere\"; expected an IPv4 or IPv6 address"
            ),
            ("controller x", "controller: unexpected word x"),
            ("version x", "version: unexpected word x"),
            ("check", "check: PATH... is missing"),
            ("dev", "dev: give a folder of manifests, or --demo"),
            ("proxy", "proxy: -f FILE is missing"),
            ("admin", "admin: COMMAND... is missing"),
            (
                "controller --a\u{1B}[2J\n",
                "controller: unknown flag --a?[2J?; did you mean --relax?"
            ),
        ])
    func mistakes(line: String, expected: String) {
        #expect(refusal(line) == expected)
    }

    @Test("nothing at all names the subcommands")
    func nothing() {
        #expect(refusal("")?.contains("controller, dev") == true)
    }

    @Test("a variable is refused under its own name")
    func badVariable() {
        #expect(
            refusal("controller", ["SLUICE_WORKERS": "many"])
                == "SLUICE_WORKERS: cannot read \"many\"; expected a number from 1 to 1024")
    }
}
