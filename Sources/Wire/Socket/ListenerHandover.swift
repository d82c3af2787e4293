import CSystem
import Glibc

/// Listening sockets that a process hands to its successor, as HAProxy does it (`_getsocks`, `expose-fd listeners`, `-x`): who
/// connects meanwhile waits in a queue that both have.
public enum ListenerHandover {
    /// The most sockets that are taken.
    private static let most = 65_536

    /// Sends whatever this process listens on for traffic to a client that has asked, and waits for it. For a thread that may.
    public static func send(to client: Int32) {
        let listeners = copies()
        defer { for descriptor in listeners { close(descriptor) } }
        _ = csystem_send_listeners(client, listeners, Int32(clamping: listeners.count))
    }

    /// The sockets of the process behind a path; they are the caller's now. The result may be empty.
    public static func take(from path: String) throws(Listener.Failure) -> [Int32] {
        var descriptors = [Int32](repeating: -1, count: most)
        let count = csystem_fetch_listeners(path, &descriptors, Int32(most))
        guard count >= 0 else { throw Listener.Failure(step: path, code: -count) }
        return Array(descriptors[..<Int(count)])
    }

    /// Copies of the sockets of TCP that listen and share their port, as those for traffic do: whoever closes one meanwhile does
    /// not close the copy.
    private static func copies() -> [Int32] {
        numbers().compactMap { descriptor in
            guard isForTraffic(descriptor) else { return nil }
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { return nil }
            guard isForTraffic(copy) else {
                close(copy)
                return nil
            }
            return copy
        }
    }

    /// What is open: there may be far fewer than there could be. Behind `chroot` nobody says what is.
    private static func numbers() -> [Int32] {
        guard let folder = opendir("/proc/self/fd") else { return Array(0..<min(getdtablesize(), 1 << 20)) }
        defer { closedir(folder) }
        var numbers: [Int32] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = Int32(name) { numbers.append(number) }
        }
        return numbers
    }

    private static func isForTraffic(_ descriptor: Int32) -> Bool {
        ListenerKeeper.listens(descriptor) && ListenerKeeper.sharesPort(descriptor)
    }
}
