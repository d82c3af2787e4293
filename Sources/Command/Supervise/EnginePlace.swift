import Controller
import Glibc
import Wire

/// What the process that serves is given by its supervisor, and the way back to it.
struct EnginePlace: Sendable {
    /// How often an engine was started again before this one.
    let restarts: Int
    /// What this process is called in elections: that of the engine before, whose lead it has.
    let identity: String
    /// Who holds the listening sockets.
    let keeper: ListenerKeeper
    private let place: WorkerPlace
    /// A sealed file, -1 without one.
    private let file: Int32

    /// The variable that says it: `RESTARTS:FILE:SOCKET,SOCKET…:IDENTITY`.
    static let variable = "SLUICE_ENGINE"

    /// What the environment says; nil if no supervisor has started this process.
    init?(_ environment: [String: String]) {
        let parts = (environment[EnginePlace.variable] ?? "")
            .split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard let place = WorkerPlace(environment), place.kind == .supervised, parts.count == 4,
            let restarts = Int(parts[0]), let file = Int32(parts[1])
        else { return nil }
        self.restarts = restarts
        self.file = file
        self.place = place
        identity = String(parts[3])
        place.keepToItself()
        if file >= 0 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        keeper = ListenerKeeper(
            place.handover, inherited: parts[2].split(separator: ",").compactMap { Int32($0) })
    }

    /// What the supervisor says to an engine.
    static func word(restarts: Int, file: Int32?, sockets: [Int32], identity: String) -> String {
        "\(restarts):\(file ?? -1):\(sockets.map { "\($0)" }.joined(separator: ",")):\(identity)"
    }

    /// What the engine before has left; nil if there is nothing that can be read. Once.
    func takeState() -> KeptState? {
        guard file >= 0 else { return nil }
        defer { close(file) }
        return MemoryFile.read(file).flatMap { KeptState($0) }
    }

    /// It serves: what it has not taken over it does not want.
    func serves() {
        keeper.closeRest()
        place.tell(.serves)
    }

    /// Whether the supervisor is there. If it ends, so does this process from now on.
    func endWithSupervisor() -> Bool { place.endWithParent() }
}
