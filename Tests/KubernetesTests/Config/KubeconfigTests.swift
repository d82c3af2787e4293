import Basics
import Testing

@testable import Kubernetes

@Suite("Kubeconfig")
struct KubeconfigTests {
    private let pem = Base64.encode(Array("PEM".utf8))

    private func file(_ json: String, directory: String = "/etc/a") throws -> Kubeconfig {
        try Kubeconfig(decoding: Array(json.utf8), directory: directory)
    }

    private func access(cluster: String, user: String = "{}", context: String? = nil) throws -> ClusterAccess
    {
        let config = try file(
            """
            {"current-context":"dev",
             "contexts":[{"context":{"cluster":"c","user":"u","namespace":"shop"},"name":"dev"}],
             "clusters":[{"name":"c","cluster":\(cluster)}],
             "users":[{"name":"u","user":\(user)}]}
            """)
        return try config.access(context: context) { _ in nil }
    }

    @Test("a context joins its cluster, its user and its namespace")
    func contextJoins() throws {
        let access = try access(
            cluster: #"{"server":"https://k.test:6443/prefix/","certificate-authority-data":"\#(pem)"}"#,
            user: #"{"token":"abc"}"#)
        #expect(access.server == "https://k.test:6443/prefix")
        #expect(access.namespace == "shop")
        #expect(access.trust == .authorities(.bytes(Array("PEM".utf8))))
        #expect(access.identity.token == Confidential("abc"))
    }

    @Test("relative paths begin at the file's folder; inline data wins over a file")
    func relativePaths() throws {
        let access = try access(
            cluster: #"{"server":"k","certificate-authority":"ca.crt"}"#,
            user: """
                {"client-certificate":"certs/me.crt","client-key":"/abs/me.key","client-key-data":"\(pem)",
                 "tokenFile":"token"}
                """)
        #expect(access.server == "https://k")
        #expect(access.trust == .authorities(.file("/etc/a/ca.crt")))
        #expect(access.identity.certificate == .file("/etc/a/certs/me.crt"))
        #expect(access.identity.key == .bytes(Array("PEM".utf8)))
        #expect(access.identity.tokenFile == "/etc/a/token")
    }

    @Test("impersonation becomes header lines, its keys encoded")
    func impersonation() throws {
        let access = try access(
            cluster: #"{"server":"k"}"#,
            user: """
                {"as":"eve","as-uid":"7","as-groups":["a","b"],"as-user-extra":{"acme.com/p":["x","y"]}}
                """)
        #expect(
            access.identity.impersonation == [
                "Impersonate-User: eve", "Impersonate-Uid: 7", "Impersonate-Group: a", "Impersonate-Group: b",
                "Impersonate-Extra-acme.com%2Fp: x", "Impersonate-Extra-acme.com%2Fp: y",
            ])
    }

    @Test("in a merge the first file wins, name by name")
    func merge() throws {
        var first = try file(#"{"users":[{"name":"u","user":{"token":"first"}}],"contexts":null}"#)
        let second = try file(
            """
            {"current-context":"x","users":[{"name":"u","user":{"token":"second"}},{"name":"v","user":{}}]}
            """)
        first.merge(second)
        #expect(first.currentContext == "x")
        #expect(first.users["u"]?.identity.token == Confidential("first"))
        #expect(first.users["v"] != nil)
    }

    @Test(
        "what cannot be meant is refused with the name of the thing",
        arguments: [
            (#"{}"#, "{}", "the cluster c has no server"),
            (
                #"{"server":"k","insecure-skip-tls-verify":true,"certificate-authority":"x"}"#, "{}",
                "the cluster c has both a certificate authority and insecure-skip-tls-verify"
            ),
            (
                #"{"server":"k"}"#, #"{"client-key":"x"}"#,
                "the user u has a client certificate or a client key without the other"
            ),
            (
                #"{"server":"k"}"#, #"{"token":"t","username":"n"}"#,
                "the user u has both a token and a user name"
            ),
            (
                #"{"server":"k"}"#, #"{"auth-provider":{"name":"gcp"}}"#,
                "the user u has an auth-provider (gcp), which Kubernetes 1.26 has dropped: use an exec plugin"
            ),
        ])
    func refusals(cluster: String, user: String, message: String) throws {
        do {
            _ = try access(cluster: cluster, user: user)
            Issue.record("was accepted")
        } catch let error as ClusterError {
            #expect(error.description == message)
        }
    }

    @Test("an unknown context lists the known ones")
    func unknownContext() {
        #expect(throws: ClusterError.unknownContext("prod", known: ["dev"])) {
            try access(cluster: #"{"server":"k"}"#, context: "prod")
        }
    }

    @Test("a field of the wrong kind is refused")
    func wrongKind() {
        #expect(throws: JSONError.self) { try access(cluster: #"{"server":["k"]}"#) }
        #expect(throws: JSONError.self) {
            try access(cluster: #"{"server":"k"}"#, user: #"{"token":"a\nb"}"#)
        }
        #expect(throws: JSONError.self) {
            try access(cluster: #"{"server":"k","certificate-authority-data":"?"}"#)
        }
    }

    @Test("an exec plugin is read completely")
    func plugin() throws {
        let access = try access(
            cluster: #"{"server":"https://k","certificate-authority-data":"\#(pem)"}"#,
            user: """
                {"exec":{"apiVersion":"client.authentication.k8s.io/v1","command":"./get-token","args":["-a","b"],
                 "env":[{"name":"A","value":"1"}],"installHint":"see \\u001b[31m docs\\n now","interactiveMode":"Never",
                 "provideClusterInfo":true}}
                """)
        let plugin = try #require(access.identity.plugin)
        #expect(plugin.command == "/etc/a/./get-token")
        #expect(plugin.arguments == ["-a", "b"])
        #expect(plugin.environment == [ExecPlugin.EnvironmentValue(name: "A", value: "1")])
        #expect(plugin.installHint == "see [31m docs now")
        #expect(
            plugin.request == """
                {"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"cluster":\
                {"server":"https://k","certificate-authority-data":"\(pem)","config":null},"interactive":false}}
                """)
    }

    @Test(
        "an exec plugin that cannot be run is refused",
        arguments: [
            #"{"apiVersion":"client.authentication.k8s.io/v1alpha1","command":"x"}"#,
            #"{"apiVersion":"client.authentication.k8s.io/v1","command":"x"}"#,
            #"{"apiVersion":"client.authentication.k8s.io/v1beta1"}"#,
            #"{"apiVersion":"client.authentication.k8s.io/v1beta1","command":"x","interactiveMode":"Maybe"}"#,
        ])
    func badPlugin(exec: String) {
        #expect(throws: JSONError.self) {
            try access(cluster: #"{"server":"k"}"#, user: #"{"exec":\#(exec)}"#)
        }
    }

    @Test("a file is YAML; what is wrong in it is told with its line and field, and without its value")
    func yaml() throws {
        let text = """
            apiVersion: v1
            kind: Config
            current-context: dev
            contexts:
            - {name: dev, context: {cluster: c, user: u}}
            clusters:
            - name: c
              cluster: {server: https://k.test}
            users:
            - name: u
              user:
                token: "hunter2"
            """
        let file = try Kubeconfig(reading: Array(text.utf8), path: "/etc/a/config")
        #expect(try file.access(context: nil) { _ in nil }.identity.token == Confidential("hunter2"))

        let broken = text.replacing(#"token: "hunter2""#, with: "token: [hunter2]")
        #expect(
            throws: ClusterError.malformed(
                path: "config", reason: "line 12: users[0].user.token: expected a string, found a list")
        ) { try Kubeconfig(reading: Array(broken.utf8), path: "config") }
        #expect(throws: ClusterError.self) { try Kubeconfig(reading: Array("a: [".utf8), path: "config") }
        #expect(try Kubeconfig(reading: [], path: "config") == Kubeconfig(), "an empty file says nothing")
    }

    @Test("no description shows a credential")
    func descriptions() throws {
        let access = try access(
            cluster: #"{"server":"k"}"#, user: #"{"username":"bob","password":"hunter2","tokenFile":"/t"}"#)
        var dumped = ""
        dump(access, to: &dumped)
        #expect(!"\(access) \(access.identity) \(dumped)".contains("hunter2"))
        #expect("\(access)" == "https://k with token file, user name and password")
    }
}

@Suite("Cluster access")
struct ClusterAccessTests {
    @Test("in a pod the service account is found; an IPv6 address gets brackets", arguments: [true, false])
    func inCluster(isIPv6: Bool) {
        let files = ["/sa/token": "t", "/sa/ca.crt": "c", "/sa/namespace": "edge\n"]
        let environment = [
            "KUBERNETES_SERVICE_HOST": isIPv6 ? "fd00::1" : "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443",
        ]
        let access = ClusterAccess.inCluster(environment: environment, directory: "/sa") { path in
            files[path].map { Array($0.utf8) }
        }
        #expect(access?.server == (isIPv6 ? "https://[fd00::1]:443" : "https://10.0.0.1:443"))
        #expect(access?.namespace == "edge")
        #expect(access?.identity.tokenFile == "/sa/token")
        #expect(access?.trust == .authorities(.file("/sa/ca.crt")))
    }

    @Test("outside of a pod there is no service account")
    func notInCluster() {
        #expect(ClusterAccess.inCluster(environment: [:], directory: "/sa") { _ in [1] } == nil)
        let environment = ["KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "1"]
        #expect(ClusterAccess.inCluster(environment: environment, directory: "/sa") { _ in nil } == nil)
    }

    @Test("tls-server-name is what the address says, and the connection goes to the server")
    func serverName() {
        var access = ClusterAccess(server: "https://10.0.0.1:6443/prefix")
        access.serverName = "api.test"
        #expect(access.route == ("https://api.test:6443/prefix", "::10.0.0.1:6443", "10.0.0.1:6443"))
        access = ClusterAccess(server: "https://[::1]")
        access.serverName = "api.test"
        #expect(access.route == ("https://api.test:443", "::[::1]:443", "[::1]"))
        #expect(ClusterAccess(server: "k/").route == ("https://k", "", ""))
    }

    @Test("a file that is asked for must exist; files of KUBECONFIG may be missing")
    func missingFiles() {
        #expect(throws: ClusterError.unreadable(path: "/nonexistent", reason: "No such file or directory")) {
            try ClusterAccess.load(kubeconfig: "/nonexistent", context: nil, environment: [:])
        }
        #expect(throws: ClusterError.noConfiguration) {
            try ClusterAccess.load(
                kubeconfig: nil, context: nil, environment: ["KUBECONFIG": "/nonexistent:/none"])
        }
        #expect(throws: ClusterError.noConfiguration) {
            try ClusterAccess.load(kubeconfig: nil, context: nil, environment: [:])
        }
    }
}
