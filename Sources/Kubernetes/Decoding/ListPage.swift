public import Basics

/// One page of a LIST answer.
public struct ListPage<Object: DecodableObject>: Sendable {
    /// The objects, in the server's order.
    public var items: [Object] = []
    /// Objects that could not be read; the others are complete without them.
    public var rejected: [RejectedObject] = []
    /// Where a watch continues.
    public var resourceVersion = ""
    /// What to ask the next page with; empty on the last one.
    public var continueToken = ""

    /// Reads the body of an answer; throws when it is not such a list or its text is broken.
    ///
    /// Anything else, above all an empty object from some proxy, must not be taken for a list without items: that
    /// would delete every object of the kind.
    public init(decoding bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes.span)
        var kind = ""
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "kind": kind = try reader.string()
            case "metadata": try readMetadata(&reader)
            case "items": try readItems(&reader)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard kind == Object.resource.kind + "List" else {
            throw JSONError(.unacceptable("expected a \(Object.resource.kind)List"), at: 0)
        }
    }

    private mutating func readMetadata(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "resourceVersion": resourceVersion = try reader.string()
            case "continue": continueToken = try reader.string()
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readItems(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openList()
        while try reader.nextElement() {
            switch try Decoded<Object>(&reader) {
            case .object(let object): items.append(object)
            case .rejected(let object): rejected.append(object)
            }
        }
    }
}
