import CSystem
import Glibc
import Model
import Wire

/// What a process that was started as haproxy does beside serving.
struct Role: Sendable {
    let line: HAProxyArguments
    let messages: HAProxyMessages
    let place: WorkerPlace?
    /// Whether nothing of it stays with the terminal.
    let isDaemon: Bool
    /// Where it writes its number.
    let processFile: String?

    /// It serves, or its worker does: its predecessors may go, and who waits for it is told.
    func hasStarted() {
        for process in line.predecessors.processes {
            kill(process, line.predecessors.mayFinish ? SIGUSR1 : SIGTERM)
        }
        if place?.kind != .watched, let processFile { writeProcess(to: processFile) }
        place?.tell(.serves)
        if place?.kind == .detached { place?.leaveParent() }
        if isDaemon, place != nil { leaveTerminal() }
    }

    private func writeProcess(to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            return messages.alert("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        Output.write("\(getpid())\n", to: descriptor)
        close(descriptor)
    }

    private func leaveTerminal() {
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard nothing >= 0 else { return }
        for descriptor: Int32 in 0...2 { dup2(nothing, descriptor) }
        close(nothing)
    }

    // MARK: Serving

    /// The job of a process that serves, and what it has of its predecessor's sockets.
    func proxy(_ files: ConfigurationFiles, _ taken: ListenerKeeper?) -> RunProxy {
        var proxy = RunProxy(files)
        // What files say has been told by whoever read them first.
        proxy.tells = { _ in }
        proxy.maxConnections = line.maxConnections
        proxy.maxConnectionsOfFrontends = line.maxConnectionsOfProxies
        proxy.taken = taken
        proxy.started = {
            // What it does not want is its predecessor's alone again.
            taken?.closeRest()
            hasStarted()
        }
        if let place, place.kind == .watched {
            proxy.handover = place.handover
            proxy.hasReread = { place.tell($0 ? .hasReread : .keptWhatItHad) }
        }
        return proxy
    }

    /// How it serves: haproxy's signals, nothing on ports of our own, and no end to waiting for who is connected.
    func settings() throws(StartError) -> Settings {
        do {
            let words = ["proxy", "--file", "-", "--log-level", line.isQuiet ? "error" : "warning"]
            guard case .run(let arguments) = try Arguments.parse(words, environment: [:]) else {
                throw UsageError.missingSubcommand
            }
            var settings = try Settings(arguments)
            settings.manners = .haproxy
            settings.drainTimeout = Int(Int32.max)
            settings.sharesAddresses =
                !line.predecessors.processes.isEmpty || line.previousSocket != nil
            return settings
        } catch {
            throw StartError("\(error)")
        }
    }
}
