import CSystem
import Glibc
import Wire

/// This program, started once more to carry the traffic: by a master that watches it, or by a parent that goes away.
///
/// ```
///   parent ── starts ──► child            words and environment are the parent's
///          ◄── reports ──                 a byte each time: it serves, files were read again, or could not be used
///          ── connections ──►             of the master's command line, handed over
///          ◄── sockets, a file ──         that the child gives a supervisor to hold
/// ```
final class WorkerProcess: Sendable {
    /// What a child tells of itself.
    enum Report: UInt8 {
        case serves = 1
        case hasReread = 2
        case keptWhatItHad = 3
    }

    /// The child's number.
    let process: Int32
    /// Readable when it tells something.
    let reports: Int32
    /// The socket by which descriptors are handed over.
    let handover: Int32

    /// The variable by which a child knows what it is: `KIND:REPORTS:HANDOVER`.
    static let variable = "SLUICE_WORKER"

    /// Starts one, which has `inherited` open too.
    init(
        _ kind: WorkerKind, _ words: [String], _ environment: [String: String],
        keeping inherited: [Int32] = []
    ) throws(StartError) {
        var (pipe, pair) = ([Int32](repeating: -1, count: 2), [Int32](repeating: -1, count: 2))
        var error = csystem_pipe(&pipe)
        if error == 0 { error = csystem_socketpair(&pair) }
        guard error == 0 else {
            throw StartError("no worker: \(String(cString: strerror(error)))", code: error)
        }
        var environment = environment
        environment[WorkerProcess.variable] = "\(kind.rawValue):\(pipe[1]):\(pair[1])"
        let started = OwnProgram.start(
            words, environment, keeping: [pipe[1], pair[1]] + inherited, leavesSession: kind != .watched)
        close(pipe[1])
        close(pair[1])
        (reports, handover) = (pipe[0], pair[0])
        switch started {
        case .success(let child): process = child
        case .failure(let failure): throw StartError("no worker: \(failure)", code: failure.code)
        }
    }

    deinit {
        close(reports)
        close(handover)
    }

    /// What it tells next; nil if it has ended, or `isGivenUp` says so (asked ten times a second).
    func nextReport(_ isGivenUp: () -> Bool) -> Report? {
        while true {
            var waited = pollfd(fd: reports, events: Int16(POLLIN), revents: 0)
            if poll(&waited, 1, 100) > 0 {
                var byte: UInt8 = 0
                return read(reports, &byte, 1) == 1 ? Report(rawValue: byte) : nil
            }
            if isGivenUp() { return nil }
        }
    }

    /// Lets go of what it has told so far.
    func forgetReports() {
        var waited = pollfd(fd: reports, events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 0
        while poll(&waited, 1, 0) > 0, read(reports, &byte, 1) == 1 {}
    }

    func send(_ signal: Int32) { kill(process, signal) }

    /// The status it has ended with, as shells have it; nil if it runs. Asked by one thread.
    func status(waiting: Bool) -> Int32? {
        var status: Int32 = 0
        var result: pid_t
        repeat {
            result = waitpid(process, &status, waiting ? 0 : WNOHANG)
        } while result < 0 && errno == EINTR
        guard result == process else { return result < 0 ? 0 : nil }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    /// Its answer to commands of its runtime API, asked as an administrator; nil if there is none within so many
    /// milliseconds.
    func answer(to line: [UInt8], patience: Int32) -> [UInt8]? {
        var ends: [Int32] = [-1, -1]
        guard csystem_socketpair(&ends) == 0 else { return nil }
        defer { close(ends[0]) }
        let error = csystem_send_descriptor(handover, ends[1])
        close(ends[1])
        guard error == 0, Glibc.send(ends[0], line, line.count, Int32(MSG_NOSIGNAL)) == line.count else {
            return nil
        }
        shutdown(ends[0], Int32(SHUT_WR))
        var answer: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while answer.count < 256 * 1024 * 1024 {
            var waited = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            guard poll(&waited, 1, patience) > 0 else { return nil }
            let count = recv(ends[0], &bytes, bytes.count, 0)
            guard count > 0 else { return count == 0 ? answer : nil }
            answer += bytes[..<count]
        }
        return nil
    }
}

/// What a child of this program is.
enum WorkerKind: String {
    /// It has left the terminal.
    case detached
    /// A master watches it.
    case watched
    /// A supervisor does. What a terminal sends to all of a session reaches the supervisor alone, which passes it on.
    case supervised
}

/// The child's side: what it was started as, and by what it tells.
struct WorkerPlace: Sendable, Equatable {
    let kind: WorkerKind
    private let reports: Int32
    /// The socket by which connections of the master's command line come.
    let handover: Int32

    /// What the environment says; nil if nobody of ours has started this process.
    init?(_ environment: [String: String]) {
        let parts = (environment[WorkerProcess.variable] ?? "").split(separator: ":")
        guard parts.count == 3, let kind = WorkerKind(rawValue: String(parts[0])),
            let reports = Int32(parts[1]), let handover = Int32(parts[2])
        else { return nil }
        (self.kind, self.reports, self.handover) = (kind, reports, handover)
    }

    /// No process that this one starts gets what it was given.
    func keepToItself() {
        for descriptor in [reports, handover] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// This process is killed when its parent ends. False: it has ended already.
    func endWithParent() -> Bool {
        guard csystem_end_with_parent() == 0 else { return true }
        var waited = pollfd(fd: reports, events: 0, revents: 0)
        return poll(&waited, 1, 0) == 0
    }

    func tell(_ report: WorkerProcess.Report) {
        var byte = report.rawValue
        _ = write(reports, &byte, 1)
    }

    /// The parent may go: nothing of it is used any more.
    func leaveParent() {
        close(reports)
        close(handover)
    }
}
