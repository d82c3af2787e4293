import Basics

/// One event of a watch.
public enum WatchEvent<Object: DecodableObject>: Sendable {
    /// The object is there: new, or part of the initial state.
    case added(Object)
    /// The object is now this.
    case modified(Object)
    /// The object was this when it went.
    case deleted(Object)
    /// Nothing changed up to this version; the initial events may end here.
    case bookmark(resourceVersion: String, endsInitialEvents: Bool)
    /// The watch is over, though the answer began with status 200.
    case error(APIStatus)
    /// The event's object could not be read.
    case rejected(RejectedObject)

    /// Reads one event; throws when the text is broken or is no event.
    init(decoding frame: Span<UInt8>) throws(JSONError) {
        var reader = JSONReader(frame)
        var type = ""
        var object: WatchEvent?
        var unread: Int?
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "type": type = try reader.string()
            case "object" where type.isEmpty:
                // No server writes the object first, but the order of keys is not ours to ask for.
                _ = try reader.nextKind()
                unread = reader.offset
                try reader.skipValue()
            case "object": object = try Self.read(type, &reader)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        if object == nil, let unread {
            var late = JSONReader(frame.extracting(droppingFirst: unread))
            object = try Self.read(type, &late)
        }
        guard let object else { throw JSONError(.unacceptable("expected an event with an object"), at: 0) }
        self = object
    }

    private static func read(_ type: String, _ reader: inout JSONReader) throws(JSONError) -> WatchEvent {
        switch type {
        case "ADDED", "MODIFIED", "DELETED": break
        case "BOOKMARK": return try bookmark(&reader)
        case "ERROR": return try error(&reader)
        default: throw JSONError(.unacceptable("unknown type of event"), at: 0)
        }
        switch try Decoded<Object>(&reader) {
        case .rejected(var object):
            object.isDeleted = type == "DELETED"
            return .rejected(object)
        case .object(let object):
            if type == "DELETED" { return .deleted(object) }
            return type == "ADDED" ? .added(object) : .modified(object)
        }
    }

    private static func bookmark(_ reader: inout JSONReader) throws(JSONError) -> WatchEvent {
        var meta = ObjectMeta()
        try reader.openObject()
        while let key = try reader.nextKey() {
            if case "metadata" = key { try meta.read(&reader) } else { try reader.skipValue() }
        }
        let isEnd = meta.annotations["k8s.io/initial-events-end"] == "true"
        return .bookmark(resourceVersion: meta.resourceVersion, endsInitialEvents: isEnd)
    }

    private static func error(_ reader: inout JSONReader) throws(JSONError) -> WatchEvent {
        var copy = reader
        try reader.skipValue()
        return .error(APIStatus(&copy, fallbackCode: 500))
    }
}

extension WatchEvent: Equatable {}
