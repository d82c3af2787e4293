import Basics
import Wire

/// Going on with the values there are several of.
extension SampleCursor {
    mutating func nextField(
        _ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView, isWhole: Bool
    ) -> ByteView? {
        var values = FieldValues(head, name, isWhole: isWhole)
        if case .fields(let known) = self { values = known }
        let value = values.next(fields)
        self = value == nil ? .end : .fields(values)
        return value
    }

    mutating func nextCookie(_ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView?)
        -> ByteView?
    {
        var cookies = RequestCookies(head, name)
        if case .cookies(let known) = self { cookies = known }
        let value = cookies.next(fields)
        self = value == nil ? .end : .cookies(cookies)
        return value
    }

    mutating func nextParameter(_ path: ByteView, _ delimiter: UInt8, _ name: ByteView?) -> ByteView? {
        var parameters = QueryParameters(path, delimiter, name)
        if case .parameters(let known) = self { parameters = known }
        let value = parameters.next()
        self = value == nil ? .end : .parameters(parameters)
        return value
    }

    /// The first of `all` where none has been read.
    mutating func nextProtocol(_ all: ProtocolNames) -> ByteView? {
        var protocols = all
        if case .protocols(let known) = self { protocols = known }
        let name = protocols.next()
        self = name == nil ? .end : .protocols(protocols)
        return name
    }
}
