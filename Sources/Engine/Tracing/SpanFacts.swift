import Basics
import Wire

/// A finished exchange as its span tells it.
///
/// Names are those of OpenTelemetry's conventions for HTTP, and of ours where these have none.
struct SpanFacts {
    let own: TraceParent
    let parent: UInt64
    var state = ByteView.empty
    /// Empty is the method and the route.
    var name = ByteView.empty
    /// Nanoseconds since 1970.
    var start: UInt64 = 0
    var end: UInt64 = 0
    var method = ByteView.empty
    var path = ByteView.empty
    var isSecure = false
    var host = ByteView.empty
    var client: SocketAddress?
    var version: StaticString = "1.1"
    /// 0 is none.
    var status: UInt16 = 0
    var termination = Termination.normal
    var route = ByteView.empty
    var namespace = ByteView.empty
    var ingress = ByteView.empty
    var service = ByteView.empty
    var retries = 0

    init(own: TraceParent, parent: UInt64) { (self.own, self.parent) = (own, parent) }

    /// Texts of peers are cut, so that a span has a bound.
    private static let mostOfName = 256
    private static let mostOfText = 512
    private static let mostOfPath = 1024

    /// Writes `opentelemetry.proto.trace.v1.Span` as OTLP spells it in JSON: ids in hexadecimal, 64-bit numbers as text.
    func write(to output: inout ByteWriter) {
        output.append("{\"traceId\":\"")
        own.writeTrace(to: &output)
        output.append("\",\"spanId\":\"")
        output.append(hexDigits: own.span)
        if parent != 0 {
            output.append("\",\"parentSpanId\":\"")
            output.append(hexDigits: parent)
        }
        if !state.isEmpty {
            output.append("\",\"traceState\":\"")
            output.append(json: state.first(SpanFacts.mostOfText))
        }
        // Sampled; whether the parent is somebody else's is known, and with a parent it is.
        output.append(parent != 0 ? "\",\"flags\":769,\"name\":\"" : "\",\"flags\":257,\"name\":\"")
        writeName(to: &output)
        output.append("\",\"kind\":2,\"startTimeUnixNano\":\"")
        output.append(decimal: Int64(truncatingIfNeeded: start))
        output.append("\",\"endTimeUnixNano\":\"")
        output.append(decimal: Int64(truncatingIfNeeded: max(start, end)))
        output.append("\",\"attributes\":[")
        writeAttributes(to: &output)
        output.append(status >= 500 ? "],\"status\":{\"code\":2}}" : "],\"status\":{}}")
    }

    private func writeName(to output: inout ByteWriter) {
        guard name.isEmpty else { return output.append(json: name.first(SpanFacts.mostOfName)) }
        output.append(SpanFacts.isKnown(method) ? method : ("HTTP" as StaticString).view)
        guard !route.isEmpty else { return }
        output.append(" ")
        output.append(json: route.first(SpanFacts.mostOfName))
    }

    private func writeAttributes(to output: inout ByteWriter) {
        let isKnown = SpanFacts.isKnown(method)
        output.append("{\"key\":\"http.request.method\",\"value\":{\"stringValue\":\"")
        output.append(isKnown ? method : ("_OTHER" as StaticString).view)
        output.append("\"}}")
        if !isKnown { write("http.request.method_original", method, to: &output) }
        write("url.path", path, to: &output, most: SpanFacts.mostOfPath)
        write("url.scheme", (isSecure ? ("https" as StaticString) : "http").view, to: &output)
        write("http.route", route, to: &output)
        if status > 0 {
            output.append(",{\"key\":\"http.response.status_code\",\"value\":{\"intValue\":\"")
            output.append(decimal: Int64(status))
            output.append("\"}}")
        }
        if status >= 500 {
            output.append(",{\"key\":\"error.type\",\"value\":{\"stringValue\":\"")
            output.append(decimal: Int64(status))
            output.append("\"}}")
        }
        write("server.address", host, to: &output)
        if let client {
            output.append(",{\"key\":\"client.address\",\"value\":{\"stringValue\":\"")
            client.write(to: &output)
            output.append("\"}}")
        }
        write("network.protocol.version", version.view, to: &output)
        write("sluice.namespace", namespace, to: &output)
        write("sluice.ingress", ingress, to: &output)
        write("sluice.service", service, to: &output)
        output.append(",{\"key\":\"sluice.termination\",\"value\":{\"stringValue\":\"")
        output.append(termination.cause)
        output.append(termination.phase)
        output.append("\"}}")
        guard retries > 0 else { return }
        output.append(",{\"key\":\"http.request.resend_count\",\"value\":{\"intValue\":\"")
        output.append(decimal: Int64(retries))
        output.append("\"}}")
    }

    /// What is not there is not written.
    private func write(
        _ key: StaticString, _ value: ByteView, to output: inout ByteWriter, most: Int = mostOfText
    ) {
        guard !value.isEmpty else { return }
        output.append(",{\"key\":\"")
        output.append(key)
        output.append("\",\"value\":{\"stringValue\":\"")
        output.append(json: value.first(most))
        output.append("\"}}")
    }

    /// Methods that are told by name: any other word would be a series of its own.
    private static func isKnown(_ method: ByteView) -> Bool {
        method.equals("GET") || method.equals("POST") || method.equals("PUT") || method.equals("DELETE")
            || method.equals("HEAD") || method.equals("OPTIONS") || method.equals("PATCH")
            || method.equals("CONNECT") || method.equals("TRACE")
    }
}

extension ByteView {
    fileprivate func first(_ most: Int) -> ByteView { count <= most ? self : self[0..<most] }
}

extension ByteWriter {
    /// Appends a text of a JSON string. Bytes beyond ASCII are taken as Latin-1: whatever a peer has sent, it is JSON.
    mutating func append(json text: ByteView) {
        var from = 0
        for i in 0..<text.count {
            let byte = text[i]
            guard byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            else {
                continue
            }
            append(text[from..<i])
            from = i + 1
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                append("\\")
                append(byte)
            } else {
                append("\\u")
                append(hexadecimal: UInt64(byte), atLeast: 4)
            }
        }
        append(text[from..<text.count])
    }
}
