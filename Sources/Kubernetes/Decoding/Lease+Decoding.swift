public import Basics

extension Lease: DecodableObject {
    /// Reads a Lease, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try meta.read(&reader)
            case "spec": try readSpec(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readSpec(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "holderIdentity": holder = try reader.stringOrNull() ?? ""
            case "leaseDurationSeconds": durationSeconds = try reader.integerOrNull() ?? 0
            case "acquireTime": acquireTime = try reader.stringOrNull() ?? ""
            case "renewTime": renewTime = try reader.stringOrNull() ?? ""
            case "leaseTransitions": transitions = try reader.integerOrNull() ?? 0
            default: try reader.skipValue()
            }
        }
    }
}
