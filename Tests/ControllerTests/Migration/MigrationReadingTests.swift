import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Reading an installation of ingress-nginx")
struct MigrationReadingTests {
    private func report(_ text: String, settings: [ObjectKey] = []) -> MigrationReport {
        var reading = MigrationReading(settings: settings)
        reading.read(Array(text.utf8), from: "file.yaml")
        return reading.report
    }

    private static let ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: web
          namespace: shop
          annotations: {nginx.ingress.kubernetes.io/server-snippet: "deny all;"}
        spec: {ingressClassName: nginx}

        """

    @Test("documents, lists and files of one kind are read alike")
    func documents() {
        let one = report(Self.ingress)
        #expect(one.objects.map(\.kind) == ["Ingress"])
        #expect(one.objects.first?.place == SourceLocation(file: "file.yaml", line: 1))
        #expect(one.objects.first?.verdict == .refused)
        let indented = Self.ingress.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
        let list = report("kind: List\napiVersion: v1\nitems:\n-" + indented.dropFirst())
        #expect(list.objects.map(\.origin) == one.objects.map(\.origin))
        #expect(!list.isClean)
    }

    @Test("another controller's Ingress is passed over")
    func strangers() {
        let other = report(
            Self.ingress
                + "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: other}\n"
        )
        #expect((other.ingresses, other.strangers, other.isClean) == (0, 1, true))
    }

    private static let controller = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: controller, namespace: ingress-nginx}
        spec:
          template:
            spec:
              containers:
              - name: controller
                args: [/nginx-ingress-controller, "--configmap=$(POD_NAMESPACE)/settings", --v=2]
              - name: other
                command: [sh]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings, namespace: ingress-nginx}
        data: {what-is-this: "1", use-gzip: "true"}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: other, namespace: ingress-nginx}
        data: {use-gzip: "true"}

        """

    @Test("a controller's arguments say which ConfigMap is meant")
    func controller() {
        let report = report(Self.controller)
        #expect(
            report.objects.map { "\($0.kind) \($0.origin.name)" } == [
                "ConfigMap settings", "Deployment controller",
            ])
        #expect(report.objects.first?.findings.map(\.verdict) == [.honoured, .unknown])
    }

    @Test("without a controller a ConfigMap is recognised by its keys")
    func recognised() {
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: "
        #expect(report(map + "{use-gzip: \"true\", hsts: \"true\", x: \"1\"}").objects.count == 1)
        #expect(report(map + "{use-gzip: \"true\", z: \"1\", x: \"1\"}").objects.count == 0)
        let key = ObjectKey(namespace: "default", name: "a")
        #expect(report(map + "{x: \"1\"}", settings: [key]).objects.count == 1)
    }

    @Test("what cannot be read is a problem, and not all is kept")
    func problems() {
        let report = report(
            "kind: [\n---\napiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: old}\n")
        #expect(report.problems.count == 2)
        #expect(!report.isClean)
    }

    @Test("totals are by name, the worst first")
    func totals() {
        let second = Self.ingress.replacing("name: web", with: "name: cart")
        let report = report(Self.ingress + "---\n" + second + "---\n" + Self.controller)
        #expect(report.totals.first?.count == 1 && report.totals.first?.verdict == .unknown)
        #expect(report.totals.contains { $0.name.hasSuffix("server-snippet") && $0.count == 2 })
    }
}
