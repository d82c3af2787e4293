import Glibc

/// The credentials of one client: reads files and runs the plugin as the cache asks for it.
final class CredentialSource {
    struct Failure: Error {
        let reason: String
    }

    private var cache: CredentialCache
    private let mailbox: Mailbox
    private var isPluginRunning = false

    init(_ access: ClusterAccess, mailbox: Mailbox) {
        cache = CredentialCache(access.identity)
        self.mailbox = mailbox
    }

    var hasChangingCertificate: Bool { cache.hasChangingCertificate }

    /// The credentials for a request that begins now; nil while the plugin runs, whose answer is posted to the loop.
    func authorize(at now: UInt64) -> Result<Authorization, Failure>? {
        let answer = cache.authorize(at: now, seconds: Int64(time(nil))) { try? FileContents.read($0).get() }
        switch answer {
        case .ready(let authorization): return .success(authorization)
        case .failed(let reason): return .failure(Failure(reason: reason))
        case .needsPlugin(let plugin): return run(plugin)
        }
    }

    /// Lets the plugin run while what it gave still holds, where that ends soon.
    func renewInTime() {
        guard let plugin = cache.endingPlugin(at: Int64(time(nil))) else { return }
        _ = run(plugin)
    }

    /// A request with credentials of this generation was answered with 401.
    func reject(_ generation: Int) {
        cache.reject(generation)
    }

    /// Takes the plugin's answer; the reason if there is none.
    func adopt(_ answer: Result<ExecCredential, ExecCredential.Refusal>) -> String? {
        isPluginRunning = false
        switch answer {
        case .success(let credential):
            // It would be asked again at once, without end.
            guard credential.isValid(at: Int64(time(nil))) else {
                return "the plugin's credentials have expired"
            }
            cache.adopt(credential)
            return nil
        case .failure(let refusal): return refusal.reason
        }
    }

    private func run(_ plugin: ExecPlugin) -> Result<Authorization, Failure>? {
        guard !isPluginRunning else { return nil }
        let mailbox = mailbox
        isPluginRunning = ClientThread.start("plugin") {
            let answer = PluginRun.answer(of: plugin)
            _ = mailbox.post { loop in loop.adopt(answer) }
        }
        return isPluginRunning ? nil : .failure(Failure(reason: "no thread for the plugin"))
    }
}
