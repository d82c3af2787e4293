public import Basics

extension RequestHead {
    /// Whether the client said that it takes trailers (`TE: trailers`). The field itself concerns one hop and is not kept;
    /// a server of HTTP/2 is told anew, and gRPC servers insist on it.
    public func acceptsTrailers(in head: ByteView) -> Bool {
        for i in 0..<fields.count where fields[i].name == .te {
            if HeadReader.acceptsTrailers(te: fields[i].value(in: head)) { return true }
        }
        return false
    }
}
