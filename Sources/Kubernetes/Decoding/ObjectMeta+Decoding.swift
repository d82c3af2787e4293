import Basics

extension ObjectMeta {
    /// Reads `metadata`, which must be next; answers the value of the one label that is asked for.
    ///
    /// `managedFields` and the last applied configuration are most of an object's bytes and are passed over.
    @discardableResult
    mutating func read(_ reader: inout JSONReader, label: StaticString = "") throws(JSONError) -> String {
        var found = ""
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "name": name = try reader.string()
            case "namespace": namespace = try reader.string()
            case "uid": uid = try reader.string()
            case "resourceVersion": resourceVersion = try reader.string()
            case "creationTimestamp": creationTimestamp = try reader.seconds()
            case "annotations": try readAnnotations(&reader)
            case "labels": found = try reader.entry(label)
            default: try reader.skipValue()
            }
        }
        return found
    }

    private mutating func readAnnotations(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            if case "kubectl.kubernetes.io/last-applied-configuration" = key {
                try reader.skipValue()
            } else {
                annotations[try key.string()] = try reader.string()
            }
        }
    }
}

extension JSONReader {
    /// The value of one key of a map of strings, the others being passed over; empty when it is absent.
    mutating func entry(_ wanted: StaticString) throws(JSONError) -> String {
        var found = ""
        try openObject()
        while let key = try nextKey() {
            if wanted ~= key { found = try string() } else { try skipValue() }
        }
        return found
    }

    /// A time as seconds since 1970; 0 for `null`.
    fileprivate mutating func seconds() throws(JSONError) -> Int64 {
        let start = self
        guard let text = try stringOrNull() else { return 0 }
        guard let time = RFC3339(text) else {
            throw JSONError(.unacceptable("expected an RFC 3339 time"), at: start.offset)
        }
        return time.seconds
    }

    /// A list of strings.
    mutating func strings() throws(JSONError) -> [String] {
        var strings: [String] = []
        try openList()
        while try nextElement() { strings.append(try string()) }
        return strings
    }

    /// A map of strings.
    mutating func stringMap() throws(JSONError) -> [String: String] {
        var map: [String: String] = [:]
        try openObject()
        while let key = try nextKey() { map[try key.string()] = try string() }
        return map
    }
}
