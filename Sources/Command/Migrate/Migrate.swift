import Admin
import Controller
import Glibc
import Kubernetes
import Model

/// `sluice migrate`: what of an installation of ingress-nginx is kept here, and in what its answers differ from ours. It only reads.
struct Migrate {
    private let arguments: Arguments
    private let report: MigrationReport

    init(_ arguments: Arguments, _ environment: [String: String]) throws(StartError) {
        self.arguments = arguments
        report = try Migrate.reading(arguments, environment).report
    }

    /// Prints in what two proxies differ that serve what is named; 1 if they do.
    static func compare(_ choices: ComparisonChoices, _ arguments: Arguments, _ environment: [String: String])
        throws(StartError) -> Int32
    {
        // Files of requests alone ask for no cluster.
        let readsNothing =
            arguments.operands.isEmpty && !choices.files.isEmpty && arguments.value("kubeconfig") == nil
        guard !readsNothing else { return try Comparison(choices, []).run() }
        let reading = try reading(arguments, environment)
        if let problem = reading.unread.first { throw StartError("\(problem)") }
        return try Comparison(choices, reading.ingressesOfNginx).run()
    }

    /// Everything that operands name, or a cluster holds.
    private static func reading(_ arguments: Arguments, _ environment: [String: String]) throws(StartError)
        -> MigrationReading
    {
        let settings = arguments.value("configmap").flatMap { NamespacedName($0) }
        var reading = MigrationReading(
            settings: settings.map { [ObjectKey(namespace: $0.namespace, name: $0.name)] } ?? [])
        let paths = arguments.operands.filter { $0 != "-" }
        if arguments.operands.isEmpty {
            try ClusterReading(arguments, environment).read(into: &reading)
            return reading
        }
        if arguments.operands.contains("-") {
            switch FileContents.read("/dev/stdin", upTo: 64) {
            case .success(let bytes): reading.read(bytes, from: "stdin")
            case .failure(let failure): throw StartError("stdin: \(failure)")
            }
        }
        if !paths.isEmpty { reading.read(paths: paths) }
        return reading
    }

    /// Prints the report and writes suggestions; 1 if something gets lost or could not be read.
    func run() throws(StartError) -> Int32 {
        switch arguments.value("output") {
        case "json": Output.write(MigrationJSON.document(report).rendered(isPretty: true) + "\n")
        case "html": Output.write(MigrationPage(report).text)
        default: Output.write(MigrationText(report).text)
        }
        if let folder = arguments.value("write") {
            let count = try MigrationPatches(report).write(to: folder)
            Output.write("\(count) patches in \(folder)\n", to: STDERR_FILENO)
        }
        return report.isClean ? Program.Exit.stopped : Program.Exit.refused
    }
}
