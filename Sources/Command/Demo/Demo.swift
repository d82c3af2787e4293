import Glibc
import Wire

/// The demo: echo servers in this process and the example manifests in a folder that may be edited.
struct Demo {
    /// Where the manifests are; to be served like any other folder.
    let folder: DemoFolder
    private let servers: [DemoServer]

    /// The servers the example manifests speak of.
    static let places: [(name: String, address: String, port: UInt16)] = [
        ("echo-1", "127.0.0.1", 9101), ("echo-2", "127.0.0.1", 9102), ("echo-3", "127.0.0.1", 9103),
        ("slice-a", "127.0.0.2", 9101), ("slice-b", "127.0.0.3", 9101), ("slice-c", "127.0.0.4", 9101),
    ]

    /// Starts the servers and writes the manifests.
    static func start() throws(StartError) -> Demo {
        var servers: [DemoServer] = []
        for place in places { servers.append(try server(place.name, place.address, place.port)) }
        guard servers.allSatisfy({ $0.start() }) else {
            throw StartError("demo: no thread for the echo servers")
        }
        switch DemoFolder.make() {
        case .failure(let problem): throw StartError("demo: no folder for the manifests: \(problem)")
        case .success(let folder):
            for file in DemoManifests.files {
                if let problem = folder.write(file.name, file.text) { throw StartError("demo: \(problem)") }
            }
            return Demo(folder: folder, servers: servers)
        }
    }

    /// Removes what was written.
    func remove() { folder.remove(DemoManifests.files.map(\.name) + [DemoGuide.authorityFile]) }

    private static func server(_ name: String, _ address: String, _ port: UInt16) throws(StartError)
        -> DemoServer
    {
        guard let place = SocketAddress(address, port: port) else {
            throw StartError("demo: no address \(address)")
        }
        do {
            return try DemoServer(name: name, at: place)
        } catch {
            throw StartError("demo: echo server at \(place.description(withPort: true)): \(error.message)")
        }
    }
}
