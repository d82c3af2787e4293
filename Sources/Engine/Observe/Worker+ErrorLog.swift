import Basics
import Wire

/// One line for what went wrong without being an exchange of its own: HAProxy's error log format.
extension Worker {
    /// For a connection that was closed before it could ask anything.
    func writeRefusalLine(_ client: Ref<ClientConnection>, _ refusal: ProxyRefusal) {
        guard !writeFrontendLine(client, isEmpty: false, refusal.sentence) else { return }
        writeErrorLine(client, nil, refusal.sentence, cause: refusal.rawValue)
    }

    /// For a client that TLS could not be spoken with; the process's access log has no such lines.
    func writeHandshakeLine(_ client: Ref<ClientConnection>, _ failure: HandshakeFailure) {
        let isEmpty = failure == .closed || failure == .reset
        _ = writeFrontendLine(client, isEmpty: isEmpty, Worker.sentence(about: failure))
    }

    /// HAProxy's sentence.
    private static func sentence(about failure: HandshakeFailure) -> StaticString {
        switch failure {
        case .closed: "Connection closed during SSL handshake"
        case .reset: "Connection error during SSL handshake"
        case .peerUntrusted, .peerChainTooLong, .peerUnlisted: "SSL client CA chain cannot be verified"
        case .peerExpired, .peerNotYetValid, .peerRevoked, .peerOtherName, .peerRefused:
            "SSL client certificate not trusted"
        default: "SSL handshake failure"
        }
    }

    /// For a server that TLS could not be spoken with, before the request's own line.
    func writeHandshakeLine(_ exchange: Ref<Exchange>, _ failure: HandshakeFailure) {
        writeErrorLine(
            exchange[].client, exchange, "TLS handshake with the server failed", cause: failure.rawValue)
    }

    /// For what a FastCGI server says beside its answer: its first bytes, where not too much is said.
    func writeServerMessage(_ exchange: Ref<Exchange>, _ text: ByteView) {
        guard serverMessages.takes(at: clock.monotonic) else { return }
        let skipped = serverMessages.skipped
        serverMessages.tell()
        let note = skipped > 0 ? ", \(skipped) more not shown before it" : ""
        writeErrorLine(
            exchange[].client, exchange, "FastCGI sent in stderr",
            cause: Worker.printable(text[0..<min(text.count, 1_024)]) + note)
    }

    /// For an answer that is no FastCGI.
    func writeServerFault(_ exchange: Ref<Exchange>, _ fault: FastCGIFault) {
        guard serverMessages.takes(at: clock.monotonic) else { return }
        writeErrorLine(exchange[].client, exchange, "FastCGI answer refused", cause: fault.rawValue)
    }

    /// Servers choose the bytes: what would need an escape, or is no character, is a question mark, an end of line a blank.
    private static func printable(_ text: ByteView) -> String {
        var bytes: [UInt8] = []
        for i in 0..<text.count {
            let byte = text[i]
            let isPlain =
                byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            if isPlain {
                bytes.append(byte)
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t") {
                if bytes.last != 0x20 { bytes.append(0x20) }
            } else {
                bytes.append(UInt8(ascii: "?"))
            }
        }
        if bytes.last == 0x20 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func writeErrorLine(
        _ client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?, _ sentence: StaticString, cause: String
    ) {
        writeLine { line in
            switch log.format {
            case .text: writeText(client, exchange, sentence, cause, to: &line)
            case .json: writeJSON(client, exchange, sentence, cause, to: &line)
            }
        }
    }

    /// `ci:cp [t] frontend[ backend/server]: sentence (cause)`.
    private func writeText(
        _ client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?, _ sentence: StaticString,
        _ cause: String, to line: inout ByteWriter
    ) {
        appendOpening(client, at: clock.realtime, to: &line)
        if let exchange {
            line.append(" ")
            appendServer(exchange, to: &line)
        }
        line.append(": ")
        line.append(sentence)
        line.append(" (")
        cause.withView { line.append($0) }
        line.append(")\n")
    }

    private func writeJSON(
        _ client: Ref<ClientConnection>, _ exchange: Ref<Exchange>?, _ sentence: StaticString,
        _ cause: String, to line: inout ByteWriter
    ) {
        appendJSONOpening(client, at: clock.realtime, to: &line)
        line.append("\"")
        if let exchange { appendTarget(exchange, to: &line) }
        line.append(",\"error\":\"")
        line.append(sentence)
        line.append("\",\"cause\":\"")
        cause.withView { line.append($0) }
        line.append("\"}\n")
    }
}
