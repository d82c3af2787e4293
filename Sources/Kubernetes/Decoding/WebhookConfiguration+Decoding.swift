public import Basics

extension WebhookConfiguration: DecodableObject {
    /// Reads a configuration, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "metadata": try meta.read(&reader)
            case "webhooks":
                try reader.openList()
                while try reader.nextElement() { webhooks.append(try Webhook(&reader)) }
            default: try reader.skipValue()
            }
        }
    }
}

extension WebhookConfiguration.Webhook {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "name": name = try reader.string()
            case "clientConfig": try readClient(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readClient(_ reader: inout JSONReader) throws(JSONError) {
        try reader.openObject()
        while let key = try reader.nextKey() {
            guard case "caBundle" = key else {
                try reader.skipValue()
                continue
            }
            let start = reader.offset
            guard let bytes = Base64.decode(try reader.string()) else {
                throw JSONError(.notBase64, at: start)
            }
            authorities = bytes
        }
    }
}
