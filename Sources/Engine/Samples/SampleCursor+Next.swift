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

    mutating func nextCookie(
        in lines: HeaderName, _ fields: borrowing HeaderTable, _ head: ByteView, _ name: ByteView?
    ) -> ByteView? {
        var cookies = MessageCookies(in: lines, head, name)
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

    mutating func nextField(ofForm form: ByteView, _ name: ByteView?) -> ByteView? {
        var parameters = QueryParameters(form: form, name)
        if case .parameters(let known) = self { parameters = known }
        let value = parameters.next()
        self = value == nil ? .end : .parameters(parameters)
        return value
    }

    /// The first of a type in `all` where none has been read.
    mutating func nextField(_ all: ProxyFields, ofType type: UInt8) -> ByteView? {
        var fields = all
        if case .announced(let known) = self { fields = known }
        let value = fields.next(ofType: type)
        self = value == nil ? .end : .announced(fields)
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
