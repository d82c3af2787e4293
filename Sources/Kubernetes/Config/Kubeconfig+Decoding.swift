import Basics

extension Kubeconfig {
    /// Reads one file, as JSON; relative paths begin at `directory`.
    init(decoding json: [UInt8], directory: String) throws(JSONError) {
        var reader = JSONReader(json.span)
        // An empty file is a kubeconfig too.
        guard try reader.nextKind() != .null else { return }
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "current-context": currentContext = try reader.stringOrNull() ?? ""
            case "contexts":
                try reader.readNamed("context") { (reader, name) throws(JSONError) in
                    contexts.keepFirst(try Context(&reader), name)
                }
            case "clusters":
                try reader.readNamed("cluster") { (reader, name) throws(JSONError) in
                    clusters.keepFirst(try Cluster(&reader, directory), name)
                }
            case "users":
                try reader.readNamed("user") { (reader, name) throws(JSONError) in
                    users.keepFirst(try User(&reader, directory), name)
                }
            default: try reader.skipValue()
            }
        }
        try reader.finish()
    }
}

extension Kubeconfig.Context {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "cluster": cluster = try reader.stringOrNull() ?? ""
            case "user": user = try reader.stringOrNull() ?? ""
            case "namespace": namespace = try reader.stringOrNull() ?? ""
            default: try reader.skipValue()
            }
        }
    }
}

extension Kubeconfig.Cluster {
    fileprivate init(_ reader: inout JSONReader, _ directory: String) throws(JSONError) {
        var inline: [UInt8] = []
        var file = ""
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "server": server = try reader.stringOrNull() ?? ""
            case "certificate-authority": file = try reader.path(directory)
            case "certificate-authority-data": inline = try reader.pem()
            case "insecure-skip-tls-verify": isInsecure = try reader.booleanOrNull() ?? false
            case "tls-server-name": serverName = try reader.stringOrNull() ?? ""
            case "proxy-url": proxy = try reader.stringOrNull() ?? ""
            case "disable-compression": isCompressionDisabled = try reader.booleanOrNull() ?? false
            default: try reader.skipValue()
            }
        }
        authorities = PEMSource(inline: inline, file: file)
    }
}

extension Kubeconfig.User {
    fileprivate init(_ reader: inout JSONReader, _ directory: String) throws(JSONError) {
        var certificate: (inline: [UInt8], file: String) = ([], "")
        var privateKey: (inline: [UInt8], file: String) = ([], "")
        var impersonation = Impersonation()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "client-certificate": certificate.file = try reader.path(directory)
            case "client-certificate-data": certificate.inline = try reader.pem()
            case "client-key": privateKey.file = try reader.path(directory)
            case "client-key-data": privateKey.inline = try reader.pem()
            case "token": identity.token = try reader.headerValue().map(Confidential.init)
            case "tokenFile": identity.tokenFile = try reader.path(directory)
            case "username": identity.username = try reader.stringOrNull() ?? ""
            case "password": identity.password = try reader.stringOrNull().map(Confidential.init)
            case "as": impersonation.user = try reader.headerValue() ?? ""
            case "as-uid": impersonation.uid = try reader.headerValue() ?? ""
            case "as-groups": impersonation.groups = try reader.headerValues()
            case "as-user-extra": try impersonation.readExtra(&reader)
            case "exec": try readPlugin(&reader, directory)
            case "auth-provider": legacyProvider = try reader.providerName()
            default: try reader.skipValue()
            }
        }
        identity.certificate = PEMSource(inline: certificate.inline, file: certificate.file)
        identity.key = PEMSource(inline: privateKey.inline, file: privateKey.file)
        identity.impersonation = impersonation.headers
        // What stands in the file wins over what a plugin would say.
        if identity.token != nil || !identity.username.isEmpty { identity.plugin = nil }
    }

    private mutating func readPlugin(_ reader: inout JSONReader, _ directory: String) throws(JSONError) {
        guard try reader.nextKind() != .null else { return try reader.skipValue() }
        let start = reader.offset
        var plugin = ExecPlugin(apiVersion: "", command: "")
        var mode: String?
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "apiVersion": plugin.apiVersion = try reader.string()
            case "command": plugin.command = try reader.string()
            case "args": plugin.arguments = try reader.stringList()
            case "env": plugin.environment = try reader.environment()
            case "installHint": plugin.installHint = OneLine.of(try reader.stringOrNull() ?? "")
            case "interactiveMode": mode = try reader.stringOrNull()
            case "provideClusterInfo": wantsClusterInfo = try reader.booleanOrNull() ?? false
            default: try reader.skipValue()
            }
        }
        try plugin.complete(directory: directory, mode: mode, at: start)
        identity.plugin = plugin
    }
}

extension ExecPlugin {
    fileprivate mutating func complete(directory: String, mode: String?, at offset: Int) throws(JSONError) {
        guard Self.supportedVersions.contains(apiVersion) else {
            throw JSONError(
                .unacceptable("apiVersion must be client.authentication.k8s.io/v1 or /v1beta1"), at: offset)
        }
        guard !command.isEmpty else { throw JSONError(.unacceptable("has no command"), at: offset) }
        if command.contains("/") && !command.hasPrefix("/") { command = "\(directory)/\(command)" }
        if let mode {
            guard let known = InteractiveMode(rawValue: mode) else {
                throw JSONError(
                    .unacceptable("interactiveMode must be Never, IfAvailable or Always"), at: offset)
            }
            interactiveMode = known
        } else if apiVersion == Self.supportedVersions[0] {
            throw JSONError(.unacceptable("interactiveMode is needed in this version"), at: offset)
        }
    }
}

/// The `as…` fields of a user, until they are header lines.
private struct Impersonation {
    var user = ""
    var uid = ""
    var groups: [String] = []
    var extra: [(key: String, value: String)] = []

    var headers: [String] {
        var lines = [String]()
        if !user.isEmpty { lines.append("Impersonate-User: \(user)") }
        if !uid.isEmpty { lines.append("Impersonate-Uid: \(uid)") }
        lines += groups.map { "Impersonate-Group: \($0)" }
        // Keys are header names: what a name cannot hold is percent-encoded, as client-go does.
        lines += extra.map { "Impersonate-Extra-\(PercentEncoding.encode($0.key)): \($0.value)" }
        return lines
    }

    mutating func readExtra(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.nextKind() != .null else { return try reader.skipValue() }
        try reader.openObject()
        while let key = try reader.nextKey() {
            let name = try key.string()
            for value in try reader.headerValues() { extra.append((name, value)) }
        }
    }
}

extension PEMSource {
    /// What is inline wins over a file.
    fileprivate init?(inline: [UInt8], file: String) {
        if !inline.isEmpty {
            self = .bytes(inline)
        } else if !file.isEmpty {
            self = .file(file)
        } else {
            return nil
        }
    }
}

extension Dictionary {
    fileprivate mutating func keepFirst(_ value: Value, _ key: Key) {
        if self[key] == nil { self[key] = value }
    }
}

extension JSONReader {
    /// A list of `{name: …, <field>: …}`.
    fileprivate mutating func readNamed(
        _ field: StaticString, _ read: (inout JSONReader, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try nextKind() != .null else { return try skipValue() }
        try openList()
        while try nextElement() {
            // The value may stand before the name: look for the name first.
            var entry = self
            let name = try nameOfEntry()
            try entry.openObject()
            while let key = try entry.nextKey() {
                if field ~= key, try entry.nextKind() != .null {
                    try read(&entry, name)
                } else {
                    try entry.skipValue()
                }
            }
        }
    }

    private mutating func nameOfEntry() throws(JSONError) -> String {
        var name = ""
        try openObject()
        while let key = try nextKey() {
            if case "name" = key { name = try string() } else { try skipValue() }
        }
        return name
    }

    fileprivate mutating func path(_ directory: String) throws(JSONError) -> String {
        let path = try stringOrNull() ?? ""
        return path.isEmpty || path.hasPrefix("/") ? path : "\(directory)/\(path)"
    }

    fileprivate mutating func pem() throws(JSONError) -> [UInt8] {
        _ = try nextKind()
        let start = offset
        let text = try stringOrNull() ?? ""
        guard let bytes = Base64.decode(text) else { throw JSONError(.notBase64, at: start) }
        return bytes
    }

    /// Text that fits into one header line.
    fileprivate mutating func headerValue() throws(JSONError) -> String? {
        _ = try nextKind()
        let start = offset
        guard let text = try stringOrNull(), !text.isEmpty else { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw JSONError(.unacceptable("must be one line"), at: start)
        }
        return text
    }

    fileprivate mutating func headerValues() throws(JSONError) -> [String] {
        guard try nextKind() != .null else {
            try skipValue()
            return []
        }
        var values = [String]()
        try openList()
        while try nextElement() {
            if let value = try headerValue() { values.append(value) }
        }
        return values
    }

    fileprivate mutating func stringList() throws(JSONError) -> [String] {
        guard try nextKind() != .null else {
            try skipValue()
            return []
        }
        var values = [String]()
        try openList()
        while try nextElement() { values.append(try string()) }
        return values
    }

    fileprivate mutating func environment() throws(JSONError) -> [ExecPlugin.EnvironmentValue] {
        guard try nextKind() != .null else {
            try skipValue()
            return []
        }
        var values = [ExecPlugin.EnvironmentValue]()
        try openList()
        while try nextElement() {
            var entry = ExecPlugin.EnvironmentValue(name: "", value: "")
            try openObject()
            while let key = try nextKey() {
                switch key {
                case "name": entry.name = try string()
                case "value": entry.value = try string()
                default: try skipValue()
                }
            }
            values.append(entry)
        }
        return values
    }

    fileprivate mutating func providerName() throws(JSONError) -> String {
        guard try nextKind() != .null else {
            try skipValue()
            return ""
        }
        var name = "unnamed"
        try openObject()
        while let key = try nextKey() {
            if case "name" = key { name = try string() } else { try skipValue() }
        }
        return name
    }
}
