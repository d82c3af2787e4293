import Kubernetes
import Testing

@Suite("Files of manifests")
struct ManifestFileTests {
    private static let shop = """
        # The shop
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: shop
          annotations:
            nginx.ingress.kubernetes.io/ssl-redirect: "true"
        spec:
          ingressClassName: sluice
          tls:
          - hosts: [shop.test]
            secretName: shop-tls
          rules:
          - host: shop.test
            http:
              paths:
              - path: /
                pathType: Prefix
                backend:
                  service:
                    name: shop
                    port: {number: 80}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: shop, namespace: web}
        spec:
          ports:
          - port: 80
            targetPort: http
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop}
        spec: {replicas: two}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: login}
        data:
          auth: Zm9v
          tls.crt: Zm9v
        stringData:
          auth: bar
        """

    @Test("objects are read with their lines, others are named only")
    func objects() throws {
        let file = ManifestFile(reading: Array(Self.shop.utf8), name: "shop.yaml")
        #expect(file.problems.isEmpty)
        #expect(file.objects.map(\.line) == [2, 24, 32, 37])
        #expect(file.objects.map(\.kind) == ["Ingress", "Service", "Deployment", "Secret"])
        #expect(
            file.objects.map(\.key.description) == [
                "default/shop", "web/shop", "default/shop", "default/login",
            ])
        guard case .ingress(let ingress) = file.objects[0].content,
            case .service(let service) = file.objects[1].content,
            case .secret(let secret) = file.objects[3].content
        else {
            Issue.record("other kinds")
            return
        }
        #expect(ingress.className == "sluice")
        #expect(ingress.rules.first?.paths?.first?.backend == .service(name: "shop", port: .number(80)))
        #expect(ingress.tls.first?.secretName == "shop-tls")
        #expect(service.ports.map(\.targetPort) == ["http"])
        #expect(secret.data == ["auth": Array("bar".utf8), "tls.crt": Array("foo".utf8)])
    }

    @Test("every cut of a file leaves what stood before it")
    func truncation() {
        let text = Array(Self.shop.utf8)
        for length in 0..<text.count {
            let file = ManifestFile(reading: Array(text[..<length]), name: "shop.yaml")
            #expect(file.objects.count <= 4)
        }
    }

    @Test("bytes flipped at random never trap")
    func noise() {
        var generator = SeededGenerator(seed: 3)
        let text = Array(Self.shop.utf8)
        for _ in 0..<500 {
            var broken = text
            for _ in 0..<3 {
                broken[.random(in: 0..<text.count, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            _ = ManifestFile(reading: broken, name: "shop.yaml")
            _ = ManifestFile(reading: broken, name: "shop.json")
        }
    }

    @Test("a wrong type is told with its field and line, and costs its object only")
    func wrongTypes() {
        let text = """
            kind: Ingress
            apiVersion: networking.k8s.io/v1
            metadata: {name: a}
            spec:
              rules:
              - http:
                  paths: all
            ---
            kind: Ingress
            apiVersion: networking.k8s.io/v1
            metadata:
              name: b
              annotations:
                nginx.ingress.kubernetes.io/proxy-body-size: 8
            ---
            kind: Secret
            apiVersion: v1
            metadata: {name: c}
            data:
              tls.key: not base64
            ---
            kind: Service
            apiVersion: v1
            metadata: {name: d}
            """
        let file = ManifestFile(reading: Array(text.utf8), name: "a.yml")
        #expect(
            file.problems.map(\.description) == [
                "7: spec.rules[0].http.paths: expected a list, found a string",
                "14: metadata.annotations[nginx.ingress.kubernetes.io/proxy-body-size]: expected a string, found a number",
                "20: data[tls.key]: not valid base64",
            ])
        #expect(file.objects.map(\.key.name) == ["d"])
    }

    @Test("lists are taken apart, typed ones imply the kind")
    func lists() {
        let text = """
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Service, metadata: {name: a}}
            - apiVersion: v1
              kind: ConfigMap
              metadata: {name: b}
              data: {count: 1}
            - apiVersion: networking.k8s.io/v1
              kind: IngressList
              items:
              - metadata: {name: c}
            - {apiVersion: example.test/v1, kind: PriceList, metadata: {name: d}}
            """
        let file = ManifestFile(reading: Array(text.utf8), name: "list.yaml")
        #expect(
            file.objects.map { "\($0.line) \($0.kind) \($0.key)" } == [
                "4 Service default/a", "12 Ingress default/c", "13 PriceList d",
            ])
        #expect(file.problems.map(\.description) == ["8: data.count: expected a string, found a number"])
    }

    @Test(
        "what is no usable object is told",
        arguments: [
            ("- 1\n", "expected a map, found a list"), ("just text", "expected a map, found a string"),
            ("a: 1", "kind is missing"), ("kind: Service\napiVersion: v1\n", "metadata.name is missing"),
            ("kind: Service\napiVersion: v1\nmetadata: {generateName: a}", "metadata.name is missing"),
            ("kind: Ingress\napiVersion: extensions/v1beta1", "no longer served"),
            ("kind: [x]", "expected a string, found a list"),
            ("kind: Service\nkind: Service\n", "stands twice"),
        ])
    func problems(text: String, part: String) {
        let file = ManifestFile(reading: Array(text.utf8), name: "a.yaml")
        #expect(file.objects.isEmpty)
        #expect(file.problems.count == 1 && file.problems[0].message.contains(part), "\(file.problems)")
    }

    @Test("kinds of the same name in other groups are not ours")
    func groups() {
        let text = "kind: Service\napiVersion: serving.knative.dev/v1\nmetadata: {name: a}\nspec: {ports: no}"
        let file = ManifestFile(reading: Array(text.utf8), name: "a.yaml")
        #expect(file.problems.isEmpty)
        #expect(
            file.objects.map(\.content) == [.other(kind: "Service", key: ObjectKey(namespace: "", name: "a"))]
        )
    }

    @Test("a JSON file may hold several objects, and its lines are counted")
    func json() {
        let text = """
            {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a"}}

            {
              "kind": "Service", "apiVersion": "v1",
              "metadata": {"name": "b"},
              "spec": {"ports": [
                {"port": "80"}
              ]}
            }
            {"kind": "List", "items": [
              {"kind": "IngressClass", "apiVersion": "networking.k8s.io/v1", "metadata": {"name": "c", "namespace": "x"}}
            ]} {"kind":
            """
        let file = ManifestFile(reading: Array(text.utf8), name: "a.json")
        #expect(file.objects.map { "\($0.line) \($0.key)" } == ["1 default/a", "11 c"])
        #expect(
            file.problems.map(\.description) == [
                "7: spec.ports[0].port: expected a number, found a string", "12: unexpected end of text",
            ])
    }

    @Test("JSON in a YAML file is YAML")
    func jsonInYAML() {
        let text =
            "{\n\t\"kind\": \"Service\", \"apiVersion\": \"v1\",\n\t\"metadata\": {\"name\": \"a\\/b\"}\n}\n"
        let file = ManifestFile(reading: Array(text.utf8), name: "a.yaml")
        #expect(file.objects.map(\.key.name) == ["a/b"])
    }

    @Test("a file without anything is no problem", arguments: ["", "---\n---\n", "# nothing", "null"])
    func empty(text: String) {
        let file = ManifestFile(reading: Array(text.utf8), name: "a.yaml")
        #expect(file.objects.isEmpty && file.problems.isEmpty)
    }
}
