import Controller
import Testing

@testable import Command

private func choices(_ words: String...) throws -> AdmissionChoices? {
    guard case .run(let arguments) = try Arguments.parse(["controller"] + words, environment: [:]) else {
        return nil
    }
    return try Settings(arguments).admission
}

@Suite("Choices of the admission webhook")
struct AdmissionChoicesTests {
    @Test("it is off unless it has a port")
    func off() throws {
        #expect(try choices() == nil)
        #expect(try choices("--admission-port", "0") == nil)
    }

    @Test("with a port and a Secret somebody else keeps the certificate")
    func given() throws {
        let choices = try choices("--admission-port", "8444", "--admission-secret", "sluice/cert")
        #expect(choices?.port == 8444 && choices?.secret?.description == "sluice/cert")
        #expect(choices?.webhook == nil && choices?.service == nil)
    }

    @Test("with a configuration and a Service it is kept here, and that is to write to the cluster")
    func kept() throws {
        let words = [
            "controller", "--admission-port=8444", "--admission-secret=sluice/cert",
            "--admission-webhook=sluice",
            "--admission-service=sluice/sluice-admission",
        ]
        guard case .run(let arguments) = try Arguments.parse(words, environment: [:]) else { return }
        let settings = try Settings(arguments)
        #expect(settings.admission?.webhook == "sluice")
        #expect(settings.writing.isAskedFor)
        #expect(settings.translationSettings.reservedPorts.contains(8444))
    }

    @Test("the certificate may stand in files, and reviews come in elsewhere")
    func files() throws {
        let choices = try choices(
            "--admission-port=8443", "--admission-certificate=/c", "--admission-key=/k", "--admission-path=/x"
        )
        #expect(choices?.files == AdmissionChoices.Files(certificate: "/c", key: "/k"))
        #expect(choices?.secret == nil && choices?.path == "/x")
    }

    @Test(
        "what is half said is refused in one line",
        arguments: [
            (["--admission-port", "8444"], "--admission-secret"),
            (["--admission-secret", "a/b"], "--admission-port"),
            (["--admission-webhook", "x"], "--admission-port"),
            (["--admission-key", "/k"], "--admission-port"),
            (["--admission-port", "8444", "--admission-key", "/k"], "--admission-certificate"),
            (
                [
                    "--admission-port", "8444", "--admission-secret", "a/b", "--admission-certificate", "/c",
                    "--admission-key", "/k",
                ], "--admission-secret"
            ),
            (
                [
                    "--admission-port", "8444", "--admission-certificate", "/c", "--admission-key", "/k",
                    "--admission-webhook", "x", "--admission-service", "a/x",
                ], "--admission-secret"
            ),
            (
                ["--admission-port", "8444", "--admission-secret", "a/b", "--admission-webhook", "x"],
                "--admission-service"
            ),
            (
                ["--admission-port", "8444", "--admission-secret", "a/b", "--admission-service", "a/x"],
                "--admission-webhook"
            ),
        ])
    func half(words: [String], named: String) {
        #expect {
            guard case .run(let arguments) = try Arguments.parse(["controller"] + words, environment: [:])
            else { return }
            _ = try Settings(arguments)
        } throws: { "\($0)".contains(named) }
    }
}
