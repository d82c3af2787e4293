import Testing

@testable import Kubernetes

@Suite("Files of a kubeconfig")
struct ClusterAccessFilesTests {
    private func pem(_ label: String, _ body: String = "MAMCAQE=") -> String {
        "-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n"
    }

    private func problem(
        _ files: [String: String], change: (inout ClusterAccess) -> Void
    ) -> String? {
        var access = ClusterAccess(server: "https://k")
        access.trust = .authorities(.file("/ca.crt"))
        access.identity.certificate = .file("/me.crt")
        access.identity.key = .file("/me.key")
        change(&access)
        return access.problem { path in
            files[path].map { .success(Array($0.utf8)) } ?? .failure(FileFailure(2))
        }
    }

    private var usable: [String: String] {
        [
            "/ca.crt": "# comment\n" + pem("CERTIFICATE"), "/me.crt": pem("CERTIFICATE"),
            "/me.key": pem("EC PARAMETERS", "BggqhkjOPQMBBw==") + pem("EC PRIVATE KEY"),
        ]
    }

    @Test("usable files are no problem")
    func usableFiles() {
        #expect(problem(usable) { _ in } == nil)
    }

    @Test(
        "a missing or foreign file is named with its field",
        arguments: [
            ("/ca.crt", "certificate-authority", "CERTIFICATE"),
            ("/me.crt", "client-certificate", "CERTIFICATE"), ("/me.key", "client-key", "PRIVATE KEY"),
        ])
    func unusableFiles(path: String, field: String, kind: String) {
        var files = usable
        files[path] = nil
        #expect(problem(files) { _ in } == "\(field) \(path): No such file or directory")
        for contents in ["", "no PEM", pem("PUBLIC KEY"), pem(kind, "?")] {
            files[path] = contents
            #expect(problem(files) { _ in } == "\(field) \(path): holds no PEM \(kind)")
        }
    }

    @Test("inline data that is no PEM is named without being shown")
    func inlineData() {
        let problem = problem(usable) { $0.identity.key = .bytes(Array("hunter2".utf8)) }
        #expect(problem == "client-key-data: holds no PEM PRIVATE KEY")
    }

    @Test("a token file must be there, unless there is a token beside it")
    func tokenFile() {
        #expect(
            problem(usable) { $0.identity.tokenFile = "/token" }
                == "tokenFile /token: No such file or directory")
        let both = problem(usable) {
            $0.identity.tokenFile = "/token"
            $0.identity.token = Confidential("t")
        }
        #expect(both == nil)
    }
}
