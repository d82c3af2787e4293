import Basics

/// The end of a request's block: what the fields mean together (RFC 9113 8.3.1, 8.5; RFC 8441).
extension HeadReader {
    /// Fills in the request. Afterwards it is sound, or `fault` is set, or the stream has a `refusal`.
    mutating func endRequest(endsStream: Bool, _ context: HTTP2Context) {
        guard fault == nil, let stream else { return }
        guard let kind = kindOfRequest(stream, context) else {
            fault = .pseudoField
            return
        }
        stream[].kind = kind
        stream[].scheme = scheme
        stream[].tunnelProtocol = tunnelProtocol
        if hasScatteredCookies { joinScatteredCookies(stream, context) }
        fillIn(stream, kind)
        gather(stream, kind, endsStream: endsStream)
        if kind == .extendedConnect { upgrade(stream, context) }
        stream[].request.count = stream[].head.count
    }

    /// Which pseudo-header fields belong together; nil if they do not.
    private func kindOfRequest(_ stream: Ref<HTTP2Stream>, _ context: HTTP2Context) -> HTTP2Stream.Kind? {
        guard seen.contains(.method) else { return nil }
        let head = stream[].head.view
        let isConnect = head[method.indices].equals("CONNECT")
        if isConnect, !seen.contains(.tunnelProtocol) {
            return seen == [.method, .authority] ? .connect : nil
        }
        guard seen.isSuperset(of: [.method, .scheme, .path]) else { return nil }
        if seen.contains(.tunnelProtocol) {
            guard isConnect, context.limits.allowsExtendedConnect, seen.contains(.authority) else {
                return nil
            }
        }
        // A path that was too long to be kept is refused as such.
        guard !path.isEmpty else { return .plain }
        let path = head[path.indices]
        let isAsterisk = path.equals("*") && head[method.indices].equals("OPTIONS")
        guard path[0] == UInt8(ascii: "/") || isAsterisk else { return nil }
        return isConnect ? .extendedConnect : .plain
    }

    private func fillIn(_ stream: Ref<HTTP2Stream>, _ kind: HTTP2Stream.Kind) {
        let head = stream[].head.view
        let target = kind == .connect ? authority : path
        stream[].request.method = method
        stream[].request.target = target
        stream[].request.path = path
        stream[].request.host = authority
        stream[].request.isHead = head[method.indices].equals("HEAD")
        stream[].request.isAsterisk = head[path.indices].equals("*")
        stream[].request.look(at: head[path.indices])
        // As over HTTP/1: this is no forward proxy.
        if kind == .connect { stream.refuse(.unsupportedMethod) }
        guard kind != .connect else { return }
        let scheme = head[scheme.indices]
        if !scheme.equalsIgnoringCase("https"), !scheme.equalsIgnoringCase("http") {
            stream.refuse(.badTarget)
        }
    }

    /// One pass over the fields: what is read here, and what is not passed on as it came.
    private mutating func gather(
        _ stream: Ref<HTTP2Stream>, _ kind: HTTP2Stream.Kind, endsStream: Bool
    ) {
        let head = stream[].head.view
        var (hosts, lengths) = (0, 0)
        var (hostField, length): (HeaderField?, ByteView) = (nil, .empty)
        for i in 0..<stream[].request.fields.count {
            let field = stream[].request.fields[i]
            guard field.name != .other else { continue }
            switch field.name {
            case .host:
                hosts += 1
                hostField = field
            case .contentLength:
                lengths += 1
                length = field.value(in: head)
            case .expect:
                stream[].request.expectsContinue = field.value(in: head)
                    .equalsIgnoringCase("100-continue")
            default: break
            }
            switch field.name {
            case .host, .contentLength, .te, .proxy: stream[].request.fields[i].isRemoved = true
            default: break
            }
        }
        if hosts > 1 { stream.refuse(.severalHosts) }
        settleHost(hostField, stream, head)
        guard kind == .plain else { return }
        settleLength(lengths, length, stream, endsStream: endsStream)
    }

    /// Host and `:authority` must name the same; without `:authority` Host counts (RFC 9113 8.3.1).
    private func settleHost(_ field: HeaderField?, _ stream: Ref<HTTP2Stream>, _ head: ByteView) {
        if let field {
            let given = field.value(in: head)
            if authority.isEmpty {
                stream[].request.host = HeadRange(Int(field.valueStart), count: Int(field.valueCount))
            } else if !isSameHost(given, head[authority.indices], head[scheme.indices]) {
                stream.refuse(.severalHosts)
            }
        } else if authority.isEmpty {
            return stream.refuse(.missingHost)
        }
        if !HostSyntax.isValid(head[stream[].request.host.indices]) { stream.refuse(.badHost) }
    }

    /// The same name, and the same port if the scheme's own one counts as none.
    private func isSameHost(_ one: ByteView, _ other: ByteView, _ scheme: ByteView) -> Bool {
        if one.equalsIgnoringCase(other) { return true }
        let usual: StaticString = scheme.equalsIgnoringCase("https") ? ":443" : ":80"
        return withoutUsualPort(one, usual).equalsIgnoringCase(withoutUsualPort(other, usual))
    }

    private func withoutUsualPort(_ host: ByteView, _ port: StaticString) -> ByteView {
        let name = host.count - port.utf8CodeUnitCount
        return name > 0 && host[name..<host.count].equals(port) ? host[0..<name] : host
    }

    /// Content-Length is a promise about the DATA frames; what they do not promise has no length.
    private mutating func settleLength(
        _ count: Int, _ value: ByteView, _ stream: Ref<HTTP2Stream>, endsStream: Bool
    ) {
        stream[].request.framing = endsStream ? .none : .chunked
        guard count > 0 else { return }
        guard count == 1, value.firstIndex(of: UInt8(ascii: ",")) == nil else {
            return stream.refuse(.severalContentLengths)
        }
        guard let length = value.decimal else { return stream.refuse(.badContentLength) }
        if endsStream, length > 0 { fault = .bodyLength }
        stream[].expectedCount = length
        stream[].request.framing = .length(length)
    }

    // MARK: Cookies

    /// Crumbs with other fields between them become one line behind all others.
    private func joinScatteredCookies(_ stream: Ref<HTTP2Stream>, _ context: HTTP2Context) {
        // At most as much again as there is, and one separator for each.
        guard context.grow(&stream[].head, for: stream[].head.count + 16) else {
            return stream.refuse(.headTooLong)
        }
        let start = stream[].head.count
        stream[].head.append("cookie: ")
        for i in cookieIndex..<stream[].request.fields.count {
            let field = stream[].request.fields[i]
            guard field.name(in: stream[].head.view).equals("cookie") else { continue }
            if i != cookieIndex { stream[].head.append("; ") }
            stream[].head.append(field.value(in: stream[].head.view))
            stream[].request.fields[i].isRemoved = true
        }
        var joined = stream[].request.fields[cookieIndex]
        joined.nameStart = UInt16(truncatingIfNeeded: start)
        joined.valueStart = UInt16(truncatingIfNeeded: start + 8)
        joined.valueCount = UInt16(truncatingIfNeeded: stream[].head.count - start - 8)
        joined.isRemoved = false
        stream[].head.append("\r\n")
        stream[].request.fields[cookieIndex] = joined
    }

    // MARK: Tunnels

    /// A WebSocket over HTTP/2 becomes the handshake HTTP/1 has for it; what only that needs is added.
    private func upgrade(_ stream: Ref<HTTP2Stream>, _ context: HTTP2Context) {
        guard stream[].head.view[tunnelProtocol.indices].equalsIgnoringCase("websocket") else {
            return stream.refuse(.unsupportedMethod)
        }
        guard context.grow(&stream[].head, for: 96) else { return stream.refuse(.headTooLong) }
        stream[].request.method = HeadRange(stream[].head.count, count: 3)
        stream[].head.append("GET ")
        stream[].request.wantsUpgrade = true
        let key = context.webSocketKey()
        let isWhole =
            add("upgrade", .upgrade, ("websocket" as StaticString).view, isRemoved: true, stream)
            && key.withView { add("sec-websocket-key", .other, $0, isRemoved: false, stream) }
        if !isWhole { stream.refuse(.tooManyHeaders) }
    }

    private func add(
        _ name: StaticString, _ known: HeaderName, _ value: ByteView, isRemoved: Bool,
        _ stream: Ref<HTTP2Stream>
    ) -> Bool {
        let start = stream[].head.count
        stream[].head.append(name)
        stream[].head.append(": ")
        stream[].head.append(value)
        stream[].head.append("\r\n")
        return stream[].request.fields.append(
            HeaderField(
                nameStart: UInt16(truncatingIfNeeded: start),
                valueStart: UInt16(truncatingIfNeeded: start + name.utf8CodeUnitCount + 2),
                valueCount: UInt16(truncatingIfNeeded: value.count),
                nameCount: UInt8(truncatingIfNeeded: name.utf8CodeUnitCount), name: known, isCanonical: true,
                isRemoved: isRemoved))
    }
}
