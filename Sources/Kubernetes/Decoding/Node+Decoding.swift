public import Basics

extension Node: DecodableObject {
    /// Reads a Node, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata":
                zone = try meta.read(&reader, label: "topology.kubernetes.io/zone")
                // Nodes carry many, and none means anything here.
                meta.annotations = [:]
            case "status": try readStatus(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readStatus(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            guard case "addresses" = key else {
                try reader.skipValue()
                continue
            }
            try reader.openList()
            while try reader.nextElement() { try readAddress(&reader) }
        }
    }

    private mutating func readAddress(_ reader: inout JSONReader) throws(JSONError) {
        var type = ""
        var address = ""
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.string()
            case "address": address = try reader.string()
            default: try reader.skipValue()
            }
        }
        switch type {
        case "ExternalIP": externalIPs.append(address)
        case "InternalIP": internalIPs.append(address)
        default: break
        }
    }
}
