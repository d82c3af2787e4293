import Basics
import Wire

/// Pages of the configuration in place of answers of our own: the backend's, else the frontend's.
extension Worker {
    /// The page for a status, if there is one; good as long as what the exchange points to.
    func errorPage(_ exchange: Ref<Exchange>, status: UInt16) -> Ref<ErrorPages.Page>? {
        let own = exchange[].servers?._withUnsafeGuaranteedRef { $0.errorPages?.page(of: status) }
        if let page = own ?? nil { return page }
        return frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef {
            $0.errorPages?.page(of: status)
        }
    }

    /// What is answered with a status: that page, else the built-in one, which is written to the workspace.
    func page(of status: UInt16, for exchange: Ref<Exchange>) -> OwnAnswer {
        guard let page = errorPage(exchange, status: status) else { return builtIn(status) }
        guard let format = page[].format else { return OwnAnswer(page) }
        // Of what was not understood formats have nothing to tell.
        guard exchange[].request.count > 0 else { return builtIn(status) }
        exchange[].status = status
        return written(format, for: exchange, answer: nil) ?? builtIn(500)
    }

    private func builtIn(_ status: UInt16) -> OwnAnswer {
        let reason = HTTPStatus.reason(status)
        let line = samples.write { output in
            output.append("HTTP/1.1 ")
            output.append(decimal: Int64(status), then: UInt8(ascii: " "))
            output.append(reason)
            output.append("\r\n")
        }
        let body = samples.write { output in
            output.append("<html><body><h1>")
            output.append(decimal: Int64(status), then: UInt8(ascii: " "))
            output.append(reason)
            output.append("</h1>\n</body></html>\n")
        }
        let fields = samples.write { output in
            output.append(
                "Server: sluice\r\nContent-Type: text/html\r\nCache-Control: no-cache\r\nContent-Length: ")
            output.append(decimal: Int64(body?.count ?? 0))
            output.append("\r\n")
        }
        return OwnAnswer(
            shown: status, status: status, statusLine: line ?? ("HTTP/1.1 500 \r\n" as StaticString).view,
            fields: fields ?? .empty, body: body ?? .empty)
    }

    /// Writes an answer into the head scratch; false if it does not fit.
    func write(_ own: OwnAnswer, _ exchange: Ref<Exchange>) -> Bool {
        headScratch.reset()
        let fits = headScratch.write { output in
            output.append(own.statusLine)
            output.append(own.fields)
            output.append(own.added)
            if !exchange[].keepsClient {
                output.append("Connection: close\r\n")
            } else if exchange[].request.minorVersion == 0 {
                output.append("Connection: keep-alive\r\n")
            }
            output.append("\r\n")
            if !exchange[].request.isHead { output.append(own.body) }
        }
        adjustNames(toClientOf: exchange)
        return fits
    }
}
