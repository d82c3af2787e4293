import Glibc
import Testing

@testable import Kubernetes

/// The API server simulator as a process of its own, for one test.
final class SimulatorProcess {
    let access: ClusterAccess
    let directory: String
    private let process: pid_t
    private let control: APIClient

    static func start(_ arguments: [String] = []) async throws -> SimulatorProcess {
        try SimulatorProcess(arguments)
    }

    private init(_ arguments: [String]) throws {
        let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        var template = Array("/tmp/simulator-XXXXXX".utf8CString)
        directory = String(cString: try #require(mkdtemp(&template)))
        let command =
            ["/usr/bin/python3", "\(folder)/Simulator/apiserver.py", "--directory", directory, "--announce"]
            + arguments
        let (process, output) = try Self.spawn(command)
        self.process = process
        let announcement = try Self.firstLine(of: output)
        let ports = announcement.split { !$0.isNumber }.compactMap { Int($0) }
        try #require(ports.count == 2, "no ports in \(announcement)")
        access = try ClusterAccess.load(kubeconfig: "\(directory)/kubeconfig", context: nil, environment: [:])
        control = try APIClient(ClusterAccess(server: "http://127.0.0.1:\(ports[1])"), userAgent: "test")
    }

    deinit {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        for file in ["kubeconfig", "ca.crt", "tls.crt", "tls.key", "token"] { unlink("\(directory)/\(file)") }
        rmdir(directory)
    }

    /// One control command; see `Tests/Simulator/apiserver.py`.
    @discardableResult
    func tell(_ command: String, _ body: String = "") async throws -> String {
        var request = APIRequest("/_sim/\(command)", method: "POST")
        request.body = Array(body.utf8)
        let response = try await control.send(request)
        let text = String(decoding: response.body, as: UTF8.self)
        try #require(response.status == 200, "\(command): \(text)")
        return text
    }

    func apply(ingress name: String, host: String = "a.test") async throws {
        try await tell(
            "apply",
            """
            [{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"\(name)","namespace":"default"},
            "spec":{"rules":[{"host":"\(host)"}]}}]
            """)
    }

    func delete(ingress name: String) async throws {
        try await tell(
            "delete",
            """
            [{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"\(name)","namespace":"default"}}]
            """)
    }

    private static func spawn(_ command: [String]) throws -> (pid_t, Int32) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var arguments = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        try #require(posix_spawn(&process, command[0], &actions, nil, arguments, environ) == 0)
        close(ends[1])
        return (process, ends[0])
    }

    private static func firstLine(of pipe: Int32) throws -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(pipe, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }
}
