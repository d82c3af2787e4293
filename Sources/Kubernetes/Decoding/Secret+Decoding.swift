public import Basics

extension Secret: DecodableObject {
    /// Reads a Secret, which must be next; `stringData` of manifests wins over `data`, as when the API takes it.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        var plain: [String: [UInt8]] = [:]
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try meta.read(&reader)
            case "type": type = try reader.string()
            case "data": data = try reader.secretBytes { Base64.decode($0) }
            case "stringData": plain = try reader.secretBytes { Array($0.utf8) }
            default: try reader.skipValue()
            }
        }
        data.merge(plain) { _, plain in plain }
    }

    /// The only entries that mean something to us besides hashes; the others may be large and are never held in memory.
    fileprivate static func isUsed(_ key: borrowing JSONKey) -> Bool {
        switch key {
        case "tls.crt", "tls.key", "ca.crt", "ca.crl", "auth": true
        default: false
        }
    }

    /// Whether an entry may be the hash of a password: its key is somebody's name then.
    fileprivate static func isHash(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, bytes.count <= 256 else { return false }
        return first == UInt8(ascii: "$") || first == UInt8(ascii: "{") || (13...15).contains(bytes.count)
    }
}

extension JSONReader {
    /// The used entries of a Secret, each through `decode`, which answers nil for what is not base64.
    fileprivate mutating func secretBytes(
        _ decode: (String) -> [UInt8]?
    ) throws(JSONError) -> [String: [UInt8]] {
        var entries: [String: [UInt8]] = [:]
        try openObject()
        while let key = try nextKey() {
            let kind = try nextKind()
            guard Secret.isUsed(key) else {
                guard kind == .string else {
                    try skipValue()
                    continue
                }
                let text = try string()
                if text.utf8.count <= 384, let bytes = decode(text), Secret.isHash(bytes) {
                    entries[try key.string()] = bytes
                }
                continue
            }
            let start = offset
            guard let bytes = decode(try string()) else { throw JSONError(.notBase64, at: start) }
            entries[try key.string()] = bytes
        }
        return entries
    }
}

extension ConfigMap: DecodableObject {
    /// Reads a ConfigMap, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try meta.read(&reader)
            case "data": data = try reader.stringMap()
            default: try reader.skipValue()
            }
        }
    }
}
