import Controller
import Kubernetes
import Model
import Synchronization

/// Reads what `sluice migrate` wants of a cluster: Ingresses, classes, the controllers' Deployments and DaemonSets, and the
/// ConfigMaps these name. GET requests alone.
struct ClusterReading {
    private let client: APIClient
    private let namespaces: [String]

    init(_ arguments: Arguments, _ environment: [String: String]) throws(StartError) {
        do {
            let access = try ClusterAccess.load(
                kubeconfig: arguments.value("kubeconfig"), context: arguments.value("context"),
                environment: environment)
            client = try APIClient(
                access, userAgent: "sluice/\(Version.number) (linux) kubernetes/\(Version.commit)")
        } catch {
            throw StartError("\(error)")
        }
        namespaces = arguments.values["namespace"] ?? [""]
    }

    /// Reads everything; what is refused is a problem of the report, and the rest is read.
    func read(into reading: inout MigrationReading) throws(StartError) {
        let result = Mutex(reading)
        let done = Latch()
        let (client, namespaces) = (client, namespaces)
        Task {
            var reading = result.withLock { $0 }
            await ClusterReading.read(client, namespaces, into: &reading)
            let read = reading
            result.withLock { $0 = read }
            done.open()
        }
        guard done.wait(milliseconds: 600_000) else { throw StartError("the API server does not answer") }
        reading = result.withLock { $0 }
    }

    private static func read(
        _ client: APIClient, _ namespaces: [String], into reading: inout MigrationReading
    ) async {
        await read("/apis/networking.k8s.io/v1/ingressclasses", client, &reading)
        for namespace in namespaces {
            let place = namespace.isEmpty ? "" : "/namespaces/\(namespace)"
            await read("/apis/networking.k8s.io/v1\(place)/ingresses", client, &reading)
            await read("/apis/apps/v1\(place)/deployments", client, &reading)
            await read("/apis/apps/v1\(place)/daemonsets", client, &reading)
        }
        for key in reading.settings { await read(ConfigMap.resource.path(of: key), client, &reading) }
    }

    private static func read(_ target: String, _ client: APIClient, _ reading: inout MigrationReading) async {
        do throws(ClusterError) {
            reading.read(try await client.get(target), from: nil)
        } catch {
            reading.add(problem: "\(error)", "ClusterUnreadable", target, 1)
        }
    }
}
