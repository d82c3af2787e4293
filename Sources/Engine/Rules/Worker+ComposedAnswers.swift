import Basics
import Model
import Wire

/// Answers of ours that are written for one exchange: pages by formats, and whatever rules about all answers have changed. They stand
/// in the exchange's ruling.
extension Worker {
    /// Writes a page; nil if it does not fit. `head` is the answer's it stands for, while rules look at that.
    func written(_ page: Ref<CompiledPage>, for exchange: Ref<Exchange>, answer head: ByteView?) -> OwnAnswer?
    {
        let ruling = ruling(of: exchange)
        headBuffers.lend(to: &ruling[].page)
        ruling[].page.reset()
        ruling[].page.append(page[].type.view)
        for i in 0..<page[].fields.count {
            guard compose(page[].fields[i].value, for: exchange, answer: head) else { return nil }
            if composed.isEmpty { continue }
            let fits = ruling[].page.write { output in
                output.append(page[].fields[i].name.view)
                output.append(": ")
                output.append(composed.view)
                output.append("\r\n")
            }
            guard fits else { return nil }
        }
        guard compose(page[].body, for: exchange, answer: head), keepBody(composed.view, ruling) else {
            return nil
        }
        let length = composed.count
        let hasLength = page[].status != 204 && page[].status != 304
        let fits = ruling[].page.write { output in
            guard hasLength else { return }
            output.append("Content-Length: ")
            output.append(decimal: Int64(length))
            output.append("\r\n")
        }
        guard fits else { return nil }
        var own = OwnAnswer(
            shown: page[].status, status: page[].status, statusLine: page[].statusLine.view,
            fields: ruling[].page.view, body: ruling[].body.view)
        own.isKept = true
        return own
    }

    private func keepBody(_ body: ByteView, _ ruling: Ref<Ruling>) -> Bool {
        bodyBuffers.takeBack(&ruling[].body)
        bodyBuffers.lend(to: &ruling[].body, atLeast: body.count)
        return ruling[].body.append(body)
    }

    // MARK: Rules about all answers

    /// Asks rules about all answers about one of ours: the backend's, then the frontend's. What they can not change stays.
    func revised(_ own: OwnAnswer, for exchange: Ref<Exchange>) -> OwnAnswer {
        let ruling = ruling(of: exchange)
        // The workspace it may stand in is needed by rules.
        guard own.isKept || keepBody(own.body, ruling) else { return own }
        headBuffers.takeBack(&ruling[].answer)
        headBuffers.lend(to: &ruling[].answer)
        let isWhole = ruling[].answer.write { output in
            output.append(own.statusLine)
            output.append(own.fields)
            output.append(own.added)
            output.append("\r\n")
        }
        tables.lend(to: &exchange[].response.fields)
        exchange[].response.reset()
        guard isWhole, case .complete = exchange[].response.parse(ruling[].answer.view) else { return own }
        var head = ruling[].answer.view
        _ = asksAfterwards(exchange, &head, isOurs: true)
        return rendered(own, head, exchange, ruling)
    }

    /// The answer as rules have left it: status line and fields behind each other.
    private func rendered(
        _ own: OwnAnswer, _ head: ByteView, _ exchange: Ref<Exchange>, _ ruling: Ref<Ruling>
    ) -> OwnAnswer {
        headBuffers.takeBack(&ruling[].page)
        headBuffers.lend(to: &ruling[].page)
        let status = exchange[].response.status
        let hasLine = ruling[].page.write { output in
            output.append("HTTP/1.1 ")
            output.append(decimal: Int64(status), then: UInt8(ascii: " "))
            output.append(head[exchange[].response.reason.indices])
            output.append("\r\n")
        }
        let lineEnd = ruling[].page.count
        let hasFields = ruling[].page.write { output in
            exchange[].response.fields.writeKept(from: head, to: &output)
            guard let length = exchange[].response.announcedLength else { return }
            output.append("Content-Length: ")
            output.append(decimal: length)
            output.append("\r\n")
        }
        let view = ruling[].page.view
        guard hasLine, hasFields else {
            return OwnAnswer(
                shown: 500, status: own.status, statusLine: ("HTTP/1.1 500 \r\n" as StaticString).view,
                fields: ("Content-Length: 0\r\n" as StaticString).view, body: .empty)
        }
        return OwnAnswer(
            shown: status, status: own.status, statusLine: view[0..<lineEnd],
            fields: view[lineEnd..<view.count], body: ruling[].body.view)
    }
}
