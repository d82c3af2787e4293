import Basics
import Model
import Wire

/// What a FastCGI server is told of a request.
extension Worker {
    /// Writes the request's beginning and its parameters into the scratch; what is wrong with the request if that can not be.
    ///
    /// The fields stand in the scratch for heads meanwhile, as an HTTP server would get them, and behind them each value while it
    /// is made.
    func writeParameters(_ exchange: Ref<Exchange>, length: Int64?) -> HeadError? {
        guard let known = exchange[].servers?._withUnsafeGuaranteedRef({ $0.fastCGI }) else {
            return .badTarget
        }
        var fields = HeaderTable()
        tables.lend(to: &fields)
        defer { tables.takeBack(&fields) }
        headScratch.reset()
        scratch.reset(headRoom: Sizes.headRoom)
        guard writeFieldLines(exchange), fields.read(lines: headScratch.view) else { return .headTooLong }
        let end = headScratch.count
        let facts = Facts(
            head: head(of: exchange), fields: fields.count, length: length,
            client: clientAddress(of: exchange, fields),
            type: fields.value(of: "content-type", in: headScratch.view))
        for i in 0..<known.parameters.count {
            for j in 0..<known.parameters[i].pieces.count {
                if let error = append(known.parameters[i].pieces[j], known, facts, exchange) { return error }
            }
            let value = headScratch.view[end..<headScratch.count]
            guard scratch.write({ $0.append(parameter: known.parameters[i].name.view, value) }) else {
                return .headTooLong
            }
            headScratch.truncate(to: end)
        }
        guard scratch.write({ fields.writeParameters(from: headScratch.view, to: &$0) }),
            scratch.count <= FastCGIRecord.longest
        else { return .headTooLong }
        chunkSize.reset()
        guard chunkSize.appendRecordThatBegins(keepsConnection: known.keepsConnections),
            chunkSize.append(record: .parameters, count: scratch.count),
            scratch.prepend(chunkSize.view), scratch.append(record: .parameters, count: 0)
        else { return .headTooLong }
        return nil
    }

    /// What variables need to be looked up once.
    private struct Facts {
        let head: ByteView
        let fields: Int
        let length: Int64?
        /// Empty for the connection's own.
        let client: ByteView
        let type: ByteView
    }

    /// The fields that a server of HTTP would get, with an empty line behind them. The body was asked for here.
    private func writeFieldLines(_ exchange: Ref<Exchange>) -> Bool {
        let head = head(of: exchange)
        let settings = frontends[Int(exchange[].client[].frontend)]
        let (forwards, replaced) = settings._withUnsafeGuaranteedRef { ($0.forwards, $0.replaced) }
        let hasOwnCookies = rewritesCookies(exchange)
        return headScratch.write { output in
            output.append("Host: ")
            writeHost(exchange, head, to: &output)
            output.append("\r\n")
            let drops = replaced.with(.expect)
            exchange[].request.fields.writeKept(
                from: head, to: &output, dropping: hasOwnCookies ? drops.with(.cookie) : drops)
            if hasOwnCookies { writeCookies(exchange, head, to: &output) }
            writeForwarded(exchange, head, settings, forwards, to: &output)
            output.append("\r\n")
        }
    }

    /// What our own field says of the client's address, where there is one.
    private func clientAddress(of exchange: Ref<Exchange>, _ fields: borrowing HeaderTable) -> ByteView {
        let settings = frontends[Int(exchange[].client[].frontend)]
        guard settings._withUnsafeGuaranteedRef({ $0.forwards }) else { return .empty }
        return fields.value(of: "x-real-ip", in: headScratch.view)
    }

    private func append(
        _ piece: borrowing FastCGIParameters.Piece, _ known: FastCGIParameters, _ facts: Facts,
        _ exchange: Ref<Exchange>
    ) -> HeadError? {
        guard let variable = piece.variable else {
            guard compose(piece.format, for: exchange), headScratch.append(composed.view) else {
                return .headTooLong
            }
            return nil
        }
        switch variable {
        case .scriptName, .documentURI:
            let path = path(of: exchange, in: facts.head)
            let start = headScratch.count
            guard MatchedPath.append(path, to: &headScratch) else { return .badTarget }
            guard variable == .scriptName, headScratch.count > start,
                headScratch.view[headScratch.count - 1] == UInt8(ascii: "/")
            else { return nil }
            return headScratch.append(known.index.view) ? nil : .headTooLong
        default:
            return headScratch.write { append(variable, facts, exchange, to: &$0) } ? nil : .headTooLong
        }
    }

    private func append(
        _ variable: FastCGI.Variable, _ facts: Facts, _ exchange: Ref<Exchange>, to output: inout ByteWriter
    ) {
        let (client, head) = (exchange[].client, facts.head)
        switch variable {
        case .scriptName, .documentURI: break
        case .requestURI:
            let target = head[exchange[].request.target.indices]
            let isPath = target.count > 0 && target[0] == UInt8(ascii: "/")
            output.append(isPath ? target : path(of: exchange, in: head))
        case .query:
            let path = path(of: exchange, in: head)
            if let mark = path.firstIndex(of: UInt8(ascii: "?")) {
                output.append(path[mark + 1..<path.count])
            }
        case .method: output.append(head[exchange[].request.method.indices])
        case .contentType: output.append(facts.type)
        case .contentLength: if let length = facts.length { output.append(decimal: length) }
        case .serverProtocol: appendProtocol(of: exchange, to: &output)
        case .scheme: output.append(isSecure(client) ? "https" : "http")
        case .https: if isSecure(client) { output.append("on") }
        case .clientAddress:
            if facts.client.isEmpty {
                client[].address.write(to: &output)
            } else {
                output.append(facts.client)
            }
        case .clientPort: output.append(decimal: Int64(client[].address.port))
        case .serverAddress: destination(of: client).write(to: &output)
        case .serverPort: output.append(decimal: Int64(destination(of: client).port))
        case .serverName: appendName(of: exchange, head, to: &output)
        }
    }

    private func appendProtocol(of exchange: Ref<Exchange>, to output: inout ByteWriter) {
        if exchange[].client[].transport.isStream { return output.append("HTTP/2.0") }
        output.append(exchange[].request.minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1")
    }

    /// The host without a port: what stands behind the last `:` that is in no brackets.
    private func appendName(of exchange: Ref<Exchange>, _ head: ByteView, to output: inout ByteWriter) {
        let host = head[exchange[].request.host.indices]
        let isAddress = host.count > 0 && host[0] == UInt8(ascii: "[")
        let from = isAddress ? host.firstIndex(of: UInt8(ascii: "]")) ?? 0 : 0
        let end = host.firstIndex(of: UInt8(ascii: ":"), from: from) ?? host.count
        output.append(host[0..<end])
    }
}
