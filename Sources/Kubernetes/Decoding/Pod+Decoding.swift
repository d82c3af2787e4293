public import Basics

extension Pod: DecodableObject {
    /// Reads a Pod, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try readMetadata(&reader)
            case "spec": nodeName = try reader.entry("nodeName")
            case "status": try readStatus(&reader)
            default: try reader.skipValue()
            }
        }
    }

    /// Reads it twice: once as of any object, once for what only this kind is asked.
    private mutating func readMetadata(_ reader: inout JSONReader) throws(JSONError) {
        var again = reader
        try meta.read(&reader)
        meta.annotations = [:]
        try again.openObject()
        while let key = try again.nextKey() {
            switch key {
            case "labels": labels = try again.stringMap()
            case "deletionTimestamp": isEnding = try again.stringOrNull() != nil
            default: try again.skipValue()
            }
        }
    }

    private mutating func readStatus(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "phase":
                let phase = try reader.string()
                if phase == "Succeeded" || phase == "Failed" { isEnding = true }
            case "conditions":
                try reader.openList()
                while try reader.nextElement() { try readCondition(&reader) }
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readCondition(_ reader: inout JSONReader) throws(JSONError) {
        var (type, status) = ("", "")
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.string()
            case "status": status = try reader.string()
            default: try reader.skipValue()
            }
        }
        if type == "Ready" { isReady = status == "True" }
    }
}
