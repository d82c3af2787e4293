public import Basics

extension Namespace: DecodableObject {
    /// Reads a Namespace, which must be next.
    public init(decoding reader: inout JSONReader) throws(JSONError) {
        self.init()
        try reader.openObject()
        while let key = try reader.nextKey() {
            guard case "metadata" = key else {
                try reader.skipValue()
                continue
            }
            try meta.read(&reader)
            // Nobody reads them, and they may be many.
            meta.annotations = [:]
        }
    }
}
