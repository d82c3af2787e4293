import Basics
import Model
import Wire

/// What can be read of a request's head alone.
struct RequestSamples {
    /// The head, from its first byte.
    let head: ByteView
    /// What is matched and forwarded as path and query.
    let path: ByteView
    let isFirst: Bool
    let isHTTP2: Bool

    /// What a fetch gives; nil if the request has no such thing.
    func fetch(
        _ code: FetchCode, _ literals: ByteView, of request: borrowing RequestHead,
        _ cursor: inout SampleCursor, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        if cursor.isOfEach, let found = next(code, literals, request, &cursor) { return found.sample }
        switch code {
        case .ofRequest(let fact): return read(fact, request, &workspace)
        case .field(let field):
            return FieldValues.value(
                field.occurrence == 0 ? -1 : field.occurrence, request.fields, head, literals[field.name],
                isWhole: field.isWhole
            ).flatMap { RequestSamples.read($0, field.type) }
        case .host(let type):
            return request.host.isEmpty ? nil : RequestSamples.read(head[request.host.indices], type)
        case .hostCount: return .integer(request.host.isEmpty ? 0 : 1)
        case .fieldCount(let name, let isWhole):
            let count = FieldValues.count(request.fields, head, literals[name], isWhole: isWhole)
            return .integer(Int64(count))
        case .allFieldsCount(let isWhole): return .integer(Int64(count(request, isWhole: isWhole)))
        case .fieldNames(let separator): return names(request, separator, &workspace)
        case .message(let read):
            let host = request.host.isEmpty ? .empty : head[request.host.indices]
            return MessageText(read: read, head: head, host: host).sample(of: request.fields, &workspace)
        case .cookie(let name, let type):
            let value = MessageCookies.value(in: .cookie, request.fields, head, name.map { literals[$0] })
            return value.flatMap { RequestSamples.read($0, type) }
        case .cookieCount(let name):
            return .integer(
                Int64(MessageCookies.count(in: .cookie, request.fields, head, name.map { literals[$0] })))
        case .parameter(let name, let delimiter, let type):
            return QueryParameters.value(path, delimiter, name.map { literals[$0] })
                .flatMap { RequestSamples.read($0, type) }
        case .hashed(let target, _): return hash(target, request, &workspace).map { .integer(Int64($0)) }
        default: return nil
        }
    }

    /// The next of several values, which may be none of the wanted type; nil if the fetch gives one value only.
    private func next(
        _ code: FetchCode, _ literals: ByteView, _ request: borrowing RequestHead,
        _ cursor: inout SampleCursor
    ) -> (sample: Sample?, Void)? {
        let (value, type): (ByteView?, SampleType)
        switch code {
        case .field(let field) where field.occurrence == 0:
            type = field.type
            value = cursor.nextField(request.fields, head, literals[field.name], isWhole: field.isWhole)
        case .cookie(let name, let wanted):
            type = wanted
            value = cursor.nextCookie(in: .cookie, request.fields, head, name.map { literals[$0] })
        case .parameter(let name, let delimiter, let wanted):
            type = wanted
            value = cursor.nextParameter(path, delimiter, name.map { literals[$0] })
        default: return nil
        }
        return (value.flatMap { RequestSamples.read($0, type) }, ())
    }

    private func read(
        _ fact: RequestFact, _ request: borrowing RequestHead, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        switch fact {
        case .method: .method(head[request.method.indices])
        case .path: plainPath.map { .string($0) }
        case .pathAndQuery: path.isEmpty || path[0] != UInt8(ascii: "/") ? nil : .string(path)
        case .url: url(request, &workspace).map { .string($0) }
        case .query: query.map { .string($0) }
        case .base: base(request, &workspace).map { .string($0) }
        case .version:
            .string((isHTTP2 ? "2.0" : request.minorVersion == 0 ? "1.0" : "1.1" as StaticString).view)
        case .isFirst: .boolean(isFirst)
        case .isHTTP: .boolean(true)
        case .majorVersion: .integer(isHTTP2 ? 2 : 1)
        case .targetAddress: target(request).map { .address($0.address) }
        case .targetPort: target(request).map { .integer($0.port) }
        }
    }

    /// Of `http://192.0.2.1:81/x`; without a port it is the scheme's.
    private func target(_ request: borrowing RequestHead) -> (address: SocketAddress, port: Int64)? {
        let text = head[request.target.indices]
        let isSecure = text.hasPrefix(("https://" as StaticString).view)
        guard isSecure || text.hasPrefix(("http://" as StaticString).view) else { return nil }
        let rest = text[(isSecure ? 8 : 7)..<text.count]
        var end = 0
        while end < rest.count, rest[end] != UInt8(ascii: "/"), rest[end] != UInt8(ascii: "?") { end += 1 }
        let place = HostPort(rest[0..<end])
        guard let address = SocketAddress(place.host), !address.isV6 else { return nil }
        return (address, place.port > 0 ? place.port : isSecure ? 443 : 80)
    }

    private var plainPath: ByteView? {
        guard !path.isEmpty, path[0] == UInt8(ascii: "/") else { return nil }
        return path[0..<(path.firstIndex(of: UInt8(ascii: "?")) ?? path.count)]
    }

    private var query: ByteView? {
        path.firstIndex(of: UInt8(ascii: "?")).map { path[$0 + 1..<path.count] }
    }

    /// The target, but its path as it is forwarded: rules must not see another one than servers do.
    private func url(_ request: borrowing RequestHead, _ workspace: inout SampleWorkspace) -> ByteView? {
        if request.hasNewPath { return path }
        let target = head[request.target.indices]
        guard request.hasDotSegments else { return target }
        let front = max(0, target.count - Int(request.path.count))
        if front == 0 { return path }
        return workspace.write {
            $0.append(target[0..<front])
            $0.append(path)
        }
    }

    private func base(_ request: borrowing RequestHead, _ workspace: inout SampleWorkspace) -> ByteView? {
        guard let plainPath else { return nil }
        let host = head[request.host.indices]
        if host.isEmpty { return plainPath }
        return workspace.write {
            $0.append(host)
            $0.append(plainPath)
        }
    }

    private func hash(
        _ target: HashedTarget, _ request: borrowing RequestHead, _ workspace: inout SampleWorkspace
    ) -> UInt32? {
        var bytes = target == .base ? base(request, &workspace) : url(request, &workspace)
        if target == .url, let url = bytes {
            bytes = workspace.write {
                $0.append(head[request.host.indices])
                $0.append(url)
            }
        }
        return bytes.map { KeyHash.avalanche(KeyHash.hash($0, .sdbm)) }
    }

    /// Of all fields, or of the values between their commas.
    private func count(_ request: borrowing RequestHead, isWhole: Bool) -> Int {
        var (count, hasHost) = (0, false)
        for i in 0..<request.fields.count {
            let field = request.fields[i]
            if field.nameCount == 0 || field.isRemoved { continue }
            if field.name == .host { hasHost = true }
            count += 1
            guard !isWhole else { continue }
            var rest = field.value(in: head)
            while let comma = FieldValues.comma(in: rest) {
                rest = rest[comma + 1..<rest.count]
                count += 1
            }
        }
        // Of HTTP/2 it stands beside the fields.
        return hasHost || request.host.isEmpty ? count : count + 1
    }

    private func names(
        _ request: borrowing RequestHead, _ separator: UInt8, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        let names = workspace.write { writer in
            var isFirst = true
            for i in 0..<request.fields.count {
                let field = request.fields[i]
                // Rules have taken it out.
                if field.nameCount == 0 { continue }
                if !isFirst { writer.append(separator) }
                isFirst = false
                let start = Int(field.nameStart)
                for at in start..<start + Int(field.nameCount) { writer.append(foldCase(head[at])) }
            }
        }
        return names.map { .string($0) }
    }

    /// A value as what it is asked for.
    static func read(_ value: ByteView, _ type: SampleType) -> Sample? {
        switch type {
        case .integer: value.isEmpty ? nil : .integer(Sample.number(value))
        case .address: address(value).map { .address($0) }
        default: .string(value)
        }
    }

    /// An address, with or without a port behind it.
    private static func address(_ value: ByteView) -> SocketAddress? {
        if let found = SocketAddress(value) { return found }
        guard let colon = value.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let (text, port) = (value[0..<colon], value[colon + 1..<value.count])
        guard port.decimal != nil else { return nil }
        guard text.count > 2, text[0] == UInt8(ascii: "["), text[text.count - 1] == UInt8(ascii: "]") else {
            return text.firstIndex(of: UInt8(ascii: ":")) == nil ? SocketAddress(text) : nil
        }
        return SocketAddress(text[1..<text.count - 1])
    }
}
