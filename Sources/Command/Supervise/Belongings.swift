import CSystem
import Glibc
import Wire

/// What a supervisor holds for its engines: copies of their listening sockets, and the file with the last state.
struct Belongings {
    private(set) var sockets: [Int32] = []
    private(set) var file: Int32?

    /// Takes what an engine has sent so far. False: it has closed its end.
    mutating func take(from channel: Int32) -> Bool {
        var (kind, descriptor): (CChar, Int32) = (0, -1)
        while true {
            let result = csystem_take_over(channel, &kind, &descriptor)
            guard result == 1 else { return result == 0 }
            dropSilent()
            if descriptor >= 0 { take(descriptor, kind) }
        }
    }

    private mutating func take(_ descriptor: Int32, _ kind: CChar) {
        switch kind {
        case ListenerKeeper.Kind.listener: sockets.append(descriptor)
        case ListenerKeeper.Kind.file:
            if let file { close(file) }
            file = descriptor
        default: close(descriptor)
        }
    }

    /// Closes the sockets that an engine has let go of.
    private mutating func dropSilent() {
        sockets.removeAll { socket in
            if ListenerKeeper.listens(socket) { return false }
            close(socket)
            return true
        }
    }
}
