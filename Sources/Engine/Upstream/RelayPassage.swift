import Basics
import Model
import Synchronization

/// How requests are sent to a server behind a relay. Its credentials may change while connections are open.
final class RelayPassage: Sendable {
    private let current: Mutex<Form>

    /// What heads are written by.
    struct Form: Sendable {
        let prefix: [UInt8]
        let lines: [UInt8]
        let reserved: [[UInt8]]
        let ownAnswer: [UInt8]

        init(_ relay: Relay) {
            prefix = Array(relay.pathPrefix.utf8)
            lines = relay.credentials.lines
            reserved = relay.credentials.reserved.map { Array($0.utf8) }
            ownAnswer = Array(relay.ownAnswer.utf8)
        }
    }

    init(_ relay: Relay) { current = Mutex(Form(relay)) }

    /// As it is now.
    var form: Form { current.withLock { $0 } }

    /// Goes over to other credentials: requests that begin now have them.
    func adopt(_ relay: Relay) {
        let form = Form(relay)
        current.withLock { $0 = form }
    }
}

extension RelayPassage.Form {
    /// How many bytes a head grows by at most.
    var growth: Int { prefix.count + lines.count + 1 }

    /// Writes a head that we have written for the server itself, and what follows it, as the relay wants it.
    func write(_ bytes: ByteView, to output: inout ByteWriter) {
        guard let space = bytes.firstIndex(of: UInt8(ascii: " ")) else { return output.append(bytes) }
        var at = space + 1
        output.append(bytes[0..<at])
        prefix.withView { output.append($0) }
        // `OPTIONS *` asks about the server as a whole, which the relay knows by its root.
        if at < bytes.count, bytes[at] == UInt8(ascii: "*") {
            output.append("/")
            at += 1
        }
        var isFirst = true
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: at) {
            let line = bytes[at..<(end + 1)]
            at = end + 1
            if line.count <= 2 {
                lines.withView { output.append($0) }
                output.append(line)
                break
            }
            if isFirst || !isReserved(line) { output.append(line) }
            isFirst = false
        }
        output.append(bytes[at..<bytes.count])
    }

    /// Whether a line says what clients may not say to the relay.
    private func isReserved(_ line: ByteView) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let name = line[0..<colon]
        return reserved.contains { reserved in
            let isBeginning = reserved.last == UInt8(ascii: "-")
            guard isBeginning ? name.count >= reserved.count : name.count == reserved.count else {
                return false
            }
            return reserved.withView { name[0..<$0.count].equalsIgnoringCase($0) }
        }
    }

    /// Whether a body that begins so is the relay's own. White space counts for nothing.
    func isOwn(_ body: ByteView) -> Bool {
        guard !ownAnswer.isEmpty else { return false }
        var matched = 0
        for i in 0..<body.count where body[i] > 0x20 {
            guard body[i] == ownAnswer[matched] else { return false }
            matched += 1
            if matched == ownAnswer.count { return true }
        }
        return false
    }
}
