public import Kubernetes
public import Model

/// Objects of an installation of ingress-nginx, gathered from files or a cluster, and the report about them.
public struct MigrationReading: Sendable {
    private var ingresses: [(object: Ingress, place: SourceLocation?)] = []
    private var configMaps: [(object: ConfigMap, place: SourceLocation?)] = []
    private var workloads: [(object: Workload, place: SourceLocation?)] = []
    private var classes: [String: String] = [:]
    private var problems: [Diagnostic] = []
    private var named: Set<ObjectKey>

    /// Nothing so far; `named` are ConfigMaps that are settings in any case.
    public init(settings named: [ObjectKey] = []) { self.named = Set(named) }

    /// Reads files, and folders in depth.
    public mutating func read(paths: [String]) {
        let tree = FolderTree(of: paths)
        for (path, reason) in tree.unreadable { add(problem: reason, "FileUnreadable", path, 1) }
        for file in tree.files {
            switch FolderTree.read(file.path) {
            case .success(let bytes): read(bytes, from: file.path)
            case .failure(let failure): add(problem: failure.description, "FileUnreadable", file.path, 1)
            }
        }
    }

    /// Reads a text of manifests: YAML or JSON, several documents, lists. `name` is a file's, nil a cluster's.
    public mutating func read(_ bytes: [UInt8], from name: String?) {
        let file = ManifestFile(reading: bytes, name: name ?? "cluster.json")
        for problem in file.problems {
            add(problem: problem.message, "ManifestInvalid", name ?? "cluster", problem.line)
        }
        for object in file.objects {
            take(object, name.map { SourceLocation(file: $0, line: object.line) })
        }
    }

    /// Notes something that could not be read.
    public mutating func add(
        problem: String, _ reason: String, _ file: String, _ line: Int
    ) {
        problems.append(
            Diagnostic(
                .error, kind: "", object: Origin(namespace: "", name: ""), reason: reason, message: problem,
                location: SourceLocation(file: file, line: line)))
    }

    private mutating func take(_ object: ManifestObject, _ place: SourceLocation?) {
        switch object.content {
        case .ingress(let object): ingresses.append((object, place))
        case .configMap(let object): configMaps.append((object, place))
        case .workload(let object):
            workloads.append((object, place))
            named.formUnion(MigrationReading.settings(of: object))
        case .ingressClass(let object): classes[object.meta.name] = object.controller
        case .service, .endpointSlice, .secret, .other: break
        }
    }

    /// The ConfigMaps of settings that the controllers found so far name.
    public var settings: [ObjectKey] { named.sorted() }

    private static func settings(of workload: Workload) -> [ObjectKey] {
        workload.commands.compactMap { command in
            guard let text = NginxArguments(ofCommand: command)?.value("configmap") else { return nil }
            let parts = text.replacing("$(POD_NAMESPACE)", with: workload.meta.namespace)
                .split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            return ObjectKey(namespace: String(parts[0]), name: String(parts[1]))
        }
    }

    /// What is kept of all that was read.
    public var report: MigrationReport {
        var report = MigrationReport()
        report.problems = problems
        for (ingress, place) in ingresses {
            guard isOfNginx(ingress) else {
                report.strangers += 1
                continue
            }
            report.ingresses += 1
            var object = MigrationReport.Object(
                kind: Ingress.resource.kind, origin: Origin(ingress.meta.key), place: place,
                findings: MigrationJudge.findings(of: ingress))
            object.patch = AnnotationTable.patch(of: ingress.meta.annotations)
            if !object.findings.isEmpty { report.objects.append(object) }
        }
        for (map, place) in configMaps where isSettings(map) {
            report.objects.append(
                MigrationReport.Object(
                    kind: ConfigMap.resource.kind, origin: Origin(map.meta.key), place: place,
                    findings: MigrationJudge.findings(of: map)))
        }
        for (workload, place) in workloads {
            for command in workload.commands {
                guard let findings = MigrationJudge.findings(ofCommand: command) else { continue }
                report.objects.append(
                    MigrationReport.Object(
                        kind: workload.kind, origin: Origin(workload.meta.key), place: place,
                        findings: findings))
            }
        }
        report.objects.sort {
            ($0.kind, $0.origin.namespace, $0.origin.name) < ($1.kind, $1.origin.namespace, $1.origin.name)
        }
        return report
    }

    /// The Ingresses that are not another controller's.
    public var ingressesOfNginx: [Ingress] { ingresses.map(\.object).filter(isOfNginx) }

    /// What could not be read.
    public var unread: [Diagnostic] { problems }

    /// Not another controller's, as far as can be known.
    private func isOfNginx(_ ingress: Ingress) -> Bool {
        guard let name = ingress.className, let controller = classes[name] else { return true }
        return controller == NginxNames.controller
    }

    /// Named by a controller, or of the keys of settings for the most part.
    private func isSettings(_ map: ConfigMap) -> Bool {
        if named.contains(map.meta.key) { return true }
        guard named.isEmpty, !map.data.isEmpty else { return false }
        return map.data.keys.count { TrafficTable.table.row(named: $0) != nil } * 2 > map.data.count
    }
}

/// What ingress-nginx calls itself.
public enum NginxNames {
    /// `spec.controller` of its IngressClasses.
    public static let controller = "k8s.io/ingress-nginx"
    /// The class an Ingress names by annotation.
    public static let ingressClass = "nginx"
    /// The Lease of its replicas.
    public static let election = "ingress-controller-leader"
    /// Where API servers hand reviews in to its webhook.
    public static let reviews = "/networking/v1/ingresses"
}
