import Wire

/// What is known of the answer that a connection of FastCGI brings, or has brought.
struct FastCGIAnswer: ~Copyable {
    var decoder = FastCGIDecoder()
    /// How the server has ended the request, once it has.
    var ending: FastCGIEnding?
    /// The server was asked to keep the connection.
    var isToBeKept = false
    /// Something came behind the end, which belongs to no request.
    var hasStray = false
    /// How many bytes the head has promised of which none has come; nil if it has promised none.
    var missing: Int64?

    /// Another request begins.
    mutating func reset(isToBeKept: Bool) {
        (decoder, ending, hasStray, missing) = (FastCGIDecoder(), nil, false, nil)
        self.isToBeKept = isToBeKept
    }

    /// Whether the connection takes another request.
    var keepsConnection: Bool { isToBeKept && ending != nil && !hasStray }

    /// Takes note of so many bytes of the body, and says how many of them there may be.
    mutating func admit(_ count: Int) -> Int {
        guard let left = missing else { return count }
        let admitted = Int(min(left, Int64(count)))
        missing = left - Int64(admitted)
        return admitted
    }
}
