/// Keeps somebody in possession of the credentials: tells every change, and has them renewed before they expire.
final class CredentialFollower: LoopTenant {
    private let loop: Unmanaged<ClientLoop>
    private let tell: @Sendable (CredentialNews) -> Void
    private var told: CredentialNews?
    private(set) var deadline: UInt64 = 0

    /// Nanoseconds between two looks, and while a plugin runs.
    private static let interval: UInt64 = 2_000_000_000
    private static let shortInterval: UInt64 = 100_000_000

    /// `loop` owns it.
    init(on loop: ClientLoop, tell: @escaping @Sendable (CredentialNews) -> Void) {
        self.loop = Unmanaged.passUnretained(loop)
        self.tell = tell
    }

    func deadlinePassed() {
        let answer = loop._withUnsafeGuaranteedRef { $0.credentialsForOthers() }
        deadline =
            Monotonic.now() + (answer == nil ? CredentialFollower.shortInterval : CredentialFollower.interval)
        let news: CredentialNews
        switch answer {
        case nil: return
        case .success(let authorization)?: news = .current(AccessCredentials(authorization))
        case .failure(let failure)?: news = .missing(reason: failure.reason)
        }
        guard news != told else { return }
        told = news
        tell(news)
    }

    /// Looks again at once.
    func wake() { deadline = 0 }
}

/// What becomes of the credentials.
public enum CredentialNews: Sendable, Equatable {
    /// These hold from now on.
    case current(AccessCredentials)
    /// There are none: what held before is no more than may still do.
    case missing(reason: String)
}
