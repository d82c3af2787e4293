public import Basics

/// An object that reads itself from the API's JSON, keeping only what is translated.
public protocol DecodableObject: KubernetesObject {
    /// Reads one object, which must be next. Unknown fields are passed over, absent ones and `null` leave defaults.
    init(decoding reader: inout JSONReader) throws(JSONError)
}

/// An object of a list or watch that could not be read; the others are not touched by it.
public struct RejectedObject: Sendable, Equatable {
    /// As far as it could be read; empty otherwise.
    public var key = ObjectKey(namespace: "", name: "")
    /// As far as it could be read; empty otherwise.
    public var resourceVersion = ""
    /// Which field was wrong and how, without any value: `spec.rules[0].host: expected a string, found a number`.
    public var reason: String
    /// The event said that the object is gone.
    public var isDeleted = false

    /// A rejection with the given reason.
    public init(reason: String) {
        self.reason = reason
    }
}

/// What became of one object of a list or watch.
enum Decoded<Object: DecodableObject> {
    case object(Object)
    case rejected(RejectedObject)

    /// Reads the object that is next, or passes over it and says why; throws only when the text itself is broken, so
    /// that nothing behind the object can be trusted.
    init(_ reader: inout JSONReader) throws(JSONError) {
        _ = try reader.nextKind()
        let start = reader
        let failure: JSONError
        do throws(JSONError) {
            let object = try Object(decoding: &reader)
            guard !object.meta.name.isEmpty else {
                throw JSONError(.unacceptable("has no metadata.name"), at: start.offset)
            }
            self = .object(object)
            return
        } catch {
            failure = error
        }
        reader = start
        try reader.skipValue()
        let text = reader.passed(since: start.offset)
        let path = JSONPath.of(failure.offset - start.offset, in: text)
        var rejected = RejectedObject(
            reason: path.isEmpty ? "\(failure.reason)" : "\(path): \(failure.reason)")
        rejected.readIdentity(JSONReader(text))
        self = .rejected(rejected)
    }
}

extension RejectedObject {
    /// Takes from a broken object what its metadata still says.
    fileprivate mutating func readIdentity(_ object: consuming JSONReader) {
        do throws(JSONError) {
            try object.openObject()
            while let key = try object.nextKey() {
                guard case "metadata" = key else {
                    try object.skipValue()
                    continue
                }
                try object.openObject()
                while let key = try object.nextKey() {
                    switch key {
                    case "namespace": self.key.namespace = try object.stringOrSkip()
                    case "name": self.key.name = try object.stringOrSkip()
                    case "resourceVersion": resourceVersion = try object.stringOrSkip()
                    default: try object.skipValue()
                    }
                }
            }
        } catch {}
    }
}

extension JSONReader {
    /// The next value as text, or empty when it is none.
    fileprivate mutating func stringOrSkip() throws(JSONError) -> String {
        let start = self
        if let text = try? string() { return text }
        self = start
        try skipValue()
        return ""
    }
}
