import Synchronization
import Wire

/// What operators are about to change of certificates: one at a time, as in HAProxy. Pure but for the lock: every socket has a
/// thread of its own.
final class CertificateTransactions: Sendable {
    private let state = Mutex(State())

    /// A certificate that is not served.
    enum Draft: Sendable {
        /// Nothing yet.
        case empty
        /// A chain whose key is missing.
        case chain(CertificateFacts)
        case whole(CertifiedKey)

        var facts: CertificateFacts? {
            switch self {
            case .empty: nil
            case .chain(let facts): facts
            case .whole(let key): key.facts
            }
        }

        /// Reads PEM.
        init(_ pem: [UInt8]) throws(CertificateError) {
            do throws(CertificateError) {
                self = .whole(try CertifiedKey(chainPEM: pem, keyPEM: pem))
            } catch .noKey {
                self = .chain(try CertificateFacts(chainPEM: pem))
            }
        }
    }

    private struct State {
        var ongoing: (name: String, draft: Draft)?
        /// Made by `new`, by name: nobody is served them.
        var unused: [String: Draft] = [:]
    }

    /// Certificates that nobody is served; more are not taken.
    private static let most = 1_000

    /// The name of what is under way.
    var ongoing: String? { state.withLock { $0.ongoing?.name } }

    /// What `new` has made.
    var unusedNames: [String] { state.withLock { $0.unused.keys.sorted() } }

    func ongoingDraft(_ name: String) -> Draft? {
        state.withLock { $0.ongoing?.name == name ? $0.ongoing?.draft : nil }
    }

    func unused(_ name: String) -> Draft? { state.withLock { $0.unused[name] } }

    /// Makes an empty one; false if there is one, or there are too many.
    func make(_ name: String) -> Bool {
        state.withLock { state in
            guard state.unused[name] == nil, state.unused.count < Self.most else { return false }
            state.unused[name] = .empty
            return true
        }
    }

    /// Forgets one; false if there is none.
    func delete(_ name: String) -> Bool { state.withLock { $0.unused.removeValue(forKey: name) != nil } }

    /// Begins or goes on; false if it is new, nil if another one is under way.
    func set(_ name: String, _ draft: Draft) -> Bool? {
        state.withLock { state in
            let before = state.ongoing?.name
            guard before == nil || before == name else { return nil }
            state.ongoing = (name, draft)
            return before != nil
        }
    }

    /// Ends what is under way, and answers it; nil if it is another one.
    func take(_ name: String) -> Draft? {
        state.withLock { state in
            guard let ongoing = state.ongoing, ongoing.name == name else { return nil }
            state.ongoing = nil
            return ongoing.draft
        }
    }

    /// Keeps what nobody is served.
    func keep(_ name: String, _ key: CertifiedKey) { state.withLock { $0.unused[name] = .whole(key) } }
}
