import Wire

/// How two peers come to know each other: who calls says three lines, who is called answers with a number. Pure: lines in, a decision out.
struct PeerHandshake {
    /// Whether the other side calls.
    let isCalled: Bool
    private let localName: String
    private let known: Set<String>
    private var minorVersion = PeerGreeting.latest
    private var linesRead = 0

    /// What follows from a line.
    enum Step: Equatable {
        /// More is to come.
        case wait
        /// The other side is this peer, and speaks this version.
        case agreed(with: String, minorVersion: Int)
        /// It is told why not, and the connection ends.
        case refuse(PeerStatus)
        /// It has refused this side; nil is no answer that makes sense.
        case refused(PeerStatus?)
    }

    /// One that is called; `known` are those that may call.
    init(calledAs localName: String, known: Set<String>) {
        isCalled = true
        (self.localName, self.known) = (localName, known)
    }

    /// One that calls `peer`, and has said `greeting`.
    init(calling peer: String, minorVersion: Int) {
        isCalled = false
        (localName, known) = ("", [peer])
        self.minorVersion = minorVersion
    }

    /// Takes a line.
    mutating func read(_ line: String) -> Step {
        guard isCalled else {
            let status = PeerStatus(line: line)
            guard status == .success, let peer = known.first else { return .refused(status) }
            return .agreed(with: peer, minorVersion: minorVersion)
        }
        linesRead += 1
        switch linesRead {
        case 1:
            do throws(PeerStatus) {
                minorVersion = try PeerGreeting.version(in: line)
            } catch {
                return .refuse(error)
            }
            return .wait
        case 2: return line == localName ? .wait : .refuse(.localMismatch)
        default:
            guard let sender = PeerGreeting.sender(in: line) else { return .refuse(.protocolError) }
            guard known.contains(sender) else { return .refuse(.remoteMismatch) }
            return .agreed(with: sender, minorVersion: minorVersion)
        }
    }
}
