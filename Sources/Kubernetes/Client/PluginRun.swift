import CSystem
import Glibc

/// Runs a credential plugin to its end. Blocks: to be called on a thread of its own.
enum PluginRun {
    /// A plugin may talk to an identity provider; past this it hangs.
    private static let limit: UInt64 = 60_000_000_000
    private static let longestOutput = 1 << 20

    /// What the plugin answered, or why there is no answer.
    static func answer(of plugin: ExecPlugin) -> Result<ExecCredential, ExecCredential.Refusal> {
        do throws(ExecCredential.Refusal) {
            guard plugin.interactiveMode != .always else {
                throw ExecCredential.Refusal(reason: "the plugin \(plugin.command) wants a terminal")
            }
            let output = try output(of: plugin)
            do throws(ExecCredential.Refusal) {
                return .success(try ExecCredential(decoding: output, apiVersion: plugin.apiVersion))
            } catch {
                throw ExecCredential.Refusal(reason: "the plugin \(plugin.command): \(error.reason)")
            }
        } catch {
            return .failure(error)
        }
    }

    private static func output(of plugin: ExecPlugin) throws(ExecCredential.Refusal) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        let noPipe = csystem_pipe(&ends)
        guard noPipe == 0 else { throw refusal(plugin, "gets no pipe", noPipe) }
        defer { close(ends[0]) }
        var child = pid_t()
        let failure = spawn(plugin, writingTo: ends[1], &child)
        close(ends[1])
        guard failure == 0 else { throw refusal(plugin, "cannot be started", failure) }
        let output = read(ends[0])
        if output == nil { kill(child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        guard let output else {
            throw ExecCredential.Refusal(reason: "the plugin \(plugin.command) does not come to an end")
        }
        guard status == 0 else {
            throw ExecCredential.Refusal(
                reason: "the plugin \(plugin.command) failed with status \(status >> 8)")
        }
        return output
    }

    private static func refusal(_ plugin: ExecPlugin, _ what: String, _ number: Int32)
        -> ExecCredential.Refusal
    {
        let hint = plugin.installHint.isEmpty ? "" : ": \(plugin.installHint)"
        let reason = String(cString: strerror(number))
        return ExecCredential.Refusal(reason: "the plugin \(plugin.command) \(what) (\(reason))\(hint)")
    }

    /// Starts the plugin with our environment and its own.
    private static func spawn(_ plugin: ExecPlugin, writingTo output: Int32, _ child: inout pid_t) -> Int32 {
        var arguments = ([plugin.command] + plugin.arguments).map { strdup($0) }
        arguments.append(nil)
        var variables = environment(of: plugin).map { strdup($0) }
        variables.append(nil)
        defer { for text in arguments + variables { free(text) } }
        return csystem_spawn(plugin.command, arguments, variables, output, &child)
    }

    private static func environment(of plugin: ExecPlugin) -> [String] {
        var result = [String]()
        var index = 0
        while let entry = environ[index] {
            result.append(String(cString: entry))
            index += 1
        }
        let added =
            plugin.environment.map { "\($0.name)=\($0.value)" } + ["KUBERNETES_EXEC_INFO=\(plugin.request)"]
        // The last of two settings of one name does not win everywhere: take the first out.
        let names = added.map { $0.prefix { $0 != "=" } + "=" }
        return result.filter { entry in !names.contains { entry.hasPrefix($0) } } + added
    }

    /// All that comes until the pipe is closed; nil when it takes too long or is too much.
    private static func read(_ pipe: Int32) -> [UInt8]? {
        let deadline = Monotonic.now() + limit
        var output = [UInt8]()
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while output.count <= longestOutput {
            let now = Monotonic.now()
            guard now < deadline else { return nil }
            var waited = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
            guard poll(&waited, 1, Int32((deadline - now) / 1_000_000 + 1)) > 0 else { continue }
            let count = Glibc.read(pipe, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? output : nil }
            output += piece[..<count]
        }
        return nil
    }
}
