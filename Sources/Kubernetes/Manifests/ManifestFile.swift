import Basics

/// What a file of manifests says: its objects and, with their lines, the things in it that cannot be used.
///
/// Every document and every object fails alone.
public struct ManifestFile: Sendable, Equatable {
    /// The objects in the order of the file; lists of objects are taken apart.
    public internal(set) var objects: [ManifestObject] = []
    /// What could not be read.
    public internal(set) var problems: [Problem] = []

    /// Something in a file that cannot be used.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// Counted from 1.
        public var line: Int
        /// For people; never a value of the file.
        public var message: String

        /// A problem at a line.
        public init(line: Int, message: String) {
            self.line = line
            self.message = message
        }

        /// Line and message.
        public var description: String { "\(line): \(message)" }
    }

    /// Reads a file: JSON if its name ends so, YAML otherwise. Any bytes will do.
    public init(reading bytes: [UInt8], name: String) {
        if name.hasSuffix(".json") {
            readJSON(bytes)
        } else {
            readYAML(bytes)
        }
    }

    private mutating func readYAML(_ bytes: [UInt8]) {
        for document in YAMLNode.documents(of: bytes) {
            switch document {
            case .success(let node) where node.isNull: continue
            case .success(let node): read(ManifestText(node))
            case .failure(let error): problems.append(Problem(line: error.line, message: error.message))
            }
        }
    }

    /// One JSON value after the other, as kubectl takes them.
    private mutating func readJSON(_ bytes: [UInt8]) {
        guard bytes.count <= YAMLNode.sizeLimit else {
            problems.append(Problem(line: 1, message: "longer than \(YAMLNode.sizeLimit >> 20) MiB"))
            return
        }
        let whole = ManifestText(json: bytes, linesBefore: 0)
        var reader = JSONReader(bytes.span)
        while (try? reader.finish()) == nil {
            do throws(JSONError) {
                _ = try reader.nextKind()
                let start = reader.offset
                try reader.skipValue()
                read(
                    ManifestText(
                        json: Array(bytes[start..<reader.offset]), linesBefore: whole.line(at: start) - 1))
            } catch {
                problems.append(Problem(line: whole.line(at: error.offset), message: "\(error.reason)"))
                return
            }
        }
    }

    private mutating func read(_ text: ManifestText) {
        var reader = ManifestReader(text)
        reader.read(text.bytes.span, at: 0, impliedBy: nil)
        objects += reader.objects
        problems += reader.problems
    }
}
