import Admin
import Controller
import Glibc
import Model

/// Suggestions of `sluice migrate`, one file for an Ingress, as `kubectl patch` takes them.
struct MigrationPatches {
    private let report: MigrationReport

    init(_ report: MigrationReport) { self.report = report }

    /// The files' names and texts. An object whose name no cluster would take has none.
    var files: [(name: String, text: String)] {
        report.objects.compactMap { object in
            guard !object.patch.isEmpty, MigrationPatches.isName(object.origin.namespace),
                MigrationPatches.isName(object.origin.name)
            else { return nil }
            return (
                "\(object.origin.namespace).\(object.origin.name).yaml", MigrationPatches.text(of: object)
            )
        }
    }

    private static func text(of object: MigrationReport.Object) -> String {
        let (namespace, name) = (object.origin.namespace, object.origin.name)
        var text =
            "# kubectl -n \(namespace) patch ingress \(name) --type merge --patch-file \(namespace).\(name).yaml\n"
        text += "metadata:\n  annotations:\n"
        for (key, value) in object.patch.sorted(by: { $0.key < $1.key }) {
            // JSON's strings are YAML's.
            text += "    \(JSONValue.string(key).rendered()): \(JSONValue.optional(value).rendered())\n"
        }
        return text
    }

    /// A DNS name in lower case: nothing that could lead out of a folder.
    private static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && text.first != "." && text.last != "."
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
            }
    }

    /// Writes them into a folder, which is made if need be; answers how many.
    func write(to folder: String) throws(StartError) -> Int {
        guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw MigrationPatches.failure(folder) }
        let files = files
        for file in files {
            let path = "\(folder)/\(file.name)"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
            guard descriptor >= 0 else { throw MigrationPatches.failure(path) }
            Output.write(file.text, to: descriptor)
            guard close(descriptor) == 0 else { throw MigrationPatches.failure(path) }
        }
        return files.count
    }

    private static func failure(_ path: String) -> StartError {
        StartError("\(path): \(String(cString: strerror(errno)))")
    }
}
