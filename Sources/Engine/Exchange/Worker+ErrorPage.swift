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

    /// Writes it into the head scratch; false, and nothing written, if there is none for the status.
    func writeErrorPage(_ exchange: Ref<Exchange>, status: UInt16) -> Bool {
        guard let page = errorPage(exchange, status: status) else { return false }
        headScratch.reset()
        return headScratch.write { output in
            output.append(page[].statusLine.view)
            output.append(page[].fields.view)
            if !exchange[].keepsClient {
                output.append("Connection: close\r\n")
            } else if exchange[].request.minorVersion == 0 {
                output.append("Connection: keep-alive\r\n")
            }
            output.append("\r\n")
            if !exchange[].request.isHead { output.append(page[].body.view) }
        }
    }

    /// The same for a stream: the head is sent, the body left in the head scratch.
    func respondWithErrorPage(
        _ exchange: Ref<Exchange>, on channel: StreamChannel, _ block: FieldBlock, status: UInt16
    ) -> Bool {
        guard let page = errorPage(exchange, status: status) else { return false }
        block.begin(status: page[].shown)
        guard block.add(lines: page[].fields.view) else { return false }
        let hasBody = !exchange[].request.isHead && page[].body.count > 0
        channel.respond(with: block, hasBody: hasBody)
        headScratch.reset()
        if hasBody { headScratch.append(page[].body.view) }
        return true
    }
}
