import Basics

extension Workload {
    /// Reads a Deployment or a DaemonSet, which must be next.
    init(decoding reader: inout JSONReader, kind: String) throws(JSONError) {
        self.init()
        self.kind = kind
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try meta.read(&reader)
            case "spec": try readTemplate(&reader)
            default: try reader.skipValue()
            }
        }
        if meta.namespace.isEmpty { meta.namespace = "default" }
    }

    /// `spec.template.spec.containers`.
    private mutating func readTemplate(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "template", "spec": try readTemplate(&reader)
            case "containers": try readContainers(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readContainers(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openList()
        while try reader.nextElement() {
            var (command, arguments): ([String], [String]) = ([], [])
            try reader.openObject()
            while let key = try reader.nextKey() {
                switch key {
                case "command": command = try reader.strings()
                case "args": arguments = try reader.strings()
                default: try reader.skipValue()
                }
            }
            commands.append(command + arguments)
        }
    }
}
