import Kubernetes
import Model
import Testing

@testable import Controller

@Suite("Folders of manifests, read again and again")
struct FolderReaderTests {
    private let folder = ScratchFolder()

    private func service(_ name: String, endpoints: String = "") -> String {
        """
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: \(name)
          namespace: shop
          annotations: {sluice.dev/endpoints: "\(endpoints)"}
        spec:
          ports: [{port: 80, name: http}]

        """
    }

    /// What an update says: `+name` and `-name`, sorted.
    private func names(_ updates: [StateUpdate]) -> [String] {
        func names<Object>(_ batch: ObjectBatch<Object>) -> [String] {
            batch.changes.map { change in
                switch change {
                case .upserted(let object): "+\(object.meta.name)"
                case .deleted(let key): "-\(key.name)"
                }
            }
        }
        var all: [String] = []
        for update in updates {
            switch update {
            case .ingresses(let batch): all += names(batch)
            case .classes(let batch): all += names(batch)
            case .services(let batch): all += names(batch)
            case .slices(let batch): all += names(batch)
            case .secrets(let batch): all += names(batch)
            case .configMaps(let batch): all += names(batch)
            default: break
            }
        }
        return all.sorted()
    }

    @Test("manifests are found in depth, by their ending, but not hidden ones")
    func found() {
        folder.makeFolder("deep")
        folder.write("a.yaml", service("a"))
        folder.write("deep/b.yml", service("b"))
        folder.write("c.txt", service("c"))
        folder.write(".d.yaml", service("d"))
        var reader = FolderReader([folder.path])
        #expect(names(reader.read(at: 1)) == ["+a", "+b"])
        #expect(reader.folders.count == 2 && reader.diagnostics.isEmpty)
    }

    @Test("a file that is named is read whatever its ending")
    func named() {
        folder.write("c.txt", service("c"))
        var reader = FolderReader(["\(folder.path)/c.txt"])
        #expect(names(reader.read(at: 1)) == ["+c"])
    }

    @Test("only what differs is told: nothing, a change, an object that is gone, a file that is gone")
    func differences() {
        folder.write("a.yaml", service("a") + service("b"))
        folder.write("c.yaml", service("c"))
        var reader = FolderReader([folder.path])
        _ = reader.read(at: 1)
        #expect(reader.read(at: 2).isEmpty)
        folder.write("a.yaml", service("a", endpoints: "10.0.0.1:80"))
        #expect(names(reader.read(at: 3)) == ["+a", "+a-static-0", "-b"])
        folder.delete("c.yaml")
        #expect(names(reader.read(at: 4)) == ["-c"])
    }

    @Test("a file that breaks keeps its last good version and is reported with its line")
    func broken() {
        folder.write("a.yaml", service("a"))
        folder.write("b.yaml", service("b"))
        var reader = FolderReader([folder.path])
        _ = reader.read(at: 1)
        folder.write("a.yaml", service("new") + "---\nkind: [\n")
        folder.write("b.yaml", service("other"))
        #expect(names(reader.read(at: 2)) == ["+other", "-b"])
        #expect(reader.diagnostics.map(\.reason) == ["ManifestInvalid"])
        #expect(reader.diagnostics.first?.location?.file == "\(folder.path)/a.yaml")
        #expect((reader.diagnostics.first?.location?.line ?? 0) > 8)
        folder.write("a.yaml", service("new"))
        #expect(names(reader.read(at: 3)) == ["+new", "-a"])
        #expect(reader.diagnostics.isEmpty)
    }

    @Test("a file that is broken from the start gives what can be read of it")
    func brokenFromTheStart() {
        folder.write(
            "a.yaml", service("a") + "---\nkind: Ingress\napiVersion: networking.k8s.io/v1\nspec: 5\n")
        var reader = FolderReader([folder.path])
        #expect(names(reader.read(at: 1)) == ["+a"])
        #expect(reader.diagnostics.count == 1)
    }

    @Test("of two objects with one name the first file's counts, and the other is told where that is")
    func duplicates() {
        folder.write("a.yaml", service("a", endpoints: "10.0.0.1:80"))
        folder.write("b.yaml", service("a", endpoints: "10.0.0.2:80"))
        var reader = FolderReader([folder.path])
        _ = reader.read(at: 1)
        #expect(reader.contents?.slices.values.flatMap(\.endpoints).map(\.address) == ["10.0.0.1"])
        #expect(reader.diagnostics.map(\.reason) == ["Duplicate"])
        #expect(reader.diagnostics.first?.message.contains("\(folder.path)/a.yaml:") == true)
        folder.delete("a.yaml")
        _ = reader.read(at: 2)
        #expect(reader.contents?.slices.values.flatMap(\.endpoints).map(\.address) == ["10.0.0.2"])
        #expect(reader.diagnostics.isEmpty)
    }

    @Test("a path that is not there is reported, the rest is read")
    func missing() {
        folder.write("a.yaml", service("a"))
        var reader = FolderReader(["\(folder.path)/nowhere", folder.path])
        #expect(names(reader.read(at: 1)) == ["+a"])
        #expect(reader.diagnostics.map(\.reason) == ["FileUnreadable"])
    }

    @Test("endpoints of the annotation are slices; what is no address:port is reported alone")
    func endpoints() {
        folder.write(
            "a.yaml",
            service("a", endpoints: "10.0.0.1:81, [fd00::1]:82, localhost:83, 10.0.0.2, 10.0.0.3:0, :84"))
        var reader = FolderReader([folder.path])
        _ = reader.read(at: 1)
        let slices = reader.contents?.slices.values.sorted { $0.meta.name < $1.meta.name } ?? []
        #expect(slices.flatMap(\.endpoints).map(\.address) == ["10.0.0.1", "fd00::1"])
        #expect(slices.map(\.addressType) == ["IPv4", "IPv6"])
        #expect(slices.flatMap(\.ports).map(\.port) == [81, 82] && slices.first?.ports.first?.name == "http")
        #expect(reader.diagnostics.map(\.reason) == Array(repeating: "EndpointInvalid", count: 4))
    }

    @Test("secrets in memory are there from the start, and give way to a file's")
    func inMemory() {
        var reader = FolderReader([folder.path], adding: [secret("cert")])
        #expect(names(reader.read(at: 1)) == ["+cert"])
        folder.write(
            "s.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: shop}\ntype: kubernetes.io/tls\nstringData: {tls.crt: a, tls.key: b}\n"
        )
        #expect(names(reader.read(at: 2)) == ["+cert"])
        #expect(reader.diagnostics.isEmpty)
    }

    @Test("one translation brings findings with their places, in the order of files")
    func oneTranslation() {
        folder.write(
            "a.yaml",
            """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: web, namespace: shop}
            spec:
              ingressClassName: sluice
              defaultBackend: {service: {name: missing, port: {number: 80}}}

            """)
        folder.write("b.yaml", "kind: [\n")
        let result = OneTranslation(of: [folder.path], settings: TranslationSettings().forFolders)
        #expect(result.configuration.fallback == .answer(status: 503))
        #expect(result.diagnostics.map(\.reason) == ["ServiceNotFound", "ManifestInvalid"])
        #expect(
            result.diagnostics.map { $0.location?.file } == [
                "\(folder.path)/a.yaml", "\(folder.path)/b.yaml",
            ])
    }
}
