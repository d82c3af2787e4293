import Controller
import Kubernetes
import Synchronization

/// Follows a certificate and its key in two files, which somebody else replaces: a mounted Secret.
final class CertificateFiles: Sendable {
    private let paths: AdmissionChoices.Files
    private let tell: @Sendable (String) -> Void
    private let deliver: @Sendable (WebhookCertificate) -> Void
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// How often they are looked at, and how often before there is a certificate (ns).
    private static let pause: UInt64 = 10_000_000_000
    private static let firstPause: UInt64 = 1_000_000_000

    /// Files that are not read yet. `deliver` hears of each new certificate, `tell` of each new trouble.
    init(
        _ paths: AdmissionChoices.Files, tell: @escaping @Sendable (String) -> Void,
        deliver: @escaping @Sendable (WebhookCertificate) -> Void
    ) {
        (self.paths, self.tell, self.deliver) = (paths, tell, deliver)
    }

    /// Begins.
    func start() {
        let (paths, tell, deliver) = (paths, tell, deliver)
        task.withLock { task in
            task = Task.detached {
                var (known, trouble): (WebhookCertificate?, String) = (nil, "")
                while !Task.isCancelled {
                    switch CertificateFiles.read(paths) {
                    case .success(let found):
                        if found != known { deliver(found) }
                        (known, trouble) = (found, "")
                    case .failure(let failure):
                        if failure.sentence != trouble { tell(failure.sentence) }
                        trouble = failure.sentence
                    }
                    try? await Task.sleep(
                        nanoseconds: known == nil ? CertificateFiles.firstPause : CertificateFiles.pause)
                }
            }
        }
    }

    /// Ends following.
    func stop() { task.withLock { $0?.cancel() } }

    /// Why there is no certificate.
    struct Failure: Error {
        let sentence: String
    }

    /// Both files as they are.
    static func read(_ paths: AdmissionChoices.Files) -> Result<WebhookCertificate, Failure> {
        var contents: [[UInt8]] = []
        for path in [paths.certificate, paths.key] {
            switch FileContents.read(path, upTo: 1) {
            case .success(let bytes) where !bytes.isEmpty: contents.append(bytes)
            case .success: return .failure(Failure(sentence: "\(path): it is empty"))
            case .failure(let failure): return .failure(Failure(sentence: "\(path): \(failure)"))
            }
        }
        return .success(WebhookCertificate(authority: [], chain: contents[0], key: contents[1]))
    }
}
