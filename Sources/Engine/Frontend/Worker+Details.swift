import Basics
import Wire

/// What few clients have, and what the others have instead.
extension Worker {
    /// The client's details, from now on its own.
    func detail(_ client: Ref<ClientConnection>) -> Ref<ClientDetails> {
        if let known = client[].details { return known }
        let new = details.insert(ClientDetails())
        client[].details = new
        return new
    }

    /// Ends the details' use; called when their client's connection is closed.
    func dropDetails(_ client: Ref<ClientConnection>) {
        guard let gone = client[].details else { return }
        for i in 0..<5 {
            if let connection = gone[].idle[i] { close(connection) }
        }
        while let carrier = gone[].carriers { close(carrier[].connection) }
        gone[].variables.end(variableBuffers)
        gone[].early.end(variableBuffers)
        gone[].captures.end(variableBuffers)
        endTracking(gone)
        if gone[].question != 0 { _ = names.take(gone[].question) }
        client[].details = nil
        details.remove(gone)
    }

    /// The forwarded fields that are the same for every request of the client.
    func forwarded(for client: Ref<ClientConnection>) -> ByteView {
        if let details = client[].details, details[].destination != nil { return details[].forwarded.view }
        return listeners[Int(client[].listener)].forwarded.view
    }

    /// Whether the client speaks TLS, with us or with who sent us its PROXY header.
    func isSecure(_ client: Ref<ClientConnection>) -> Bool {
        client[].isTLS || client[].details?[].isSecure == true
    }
}
