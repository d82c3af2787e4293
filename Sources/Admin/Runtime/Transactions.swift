import Synchronization

/// What operators are about to put in the place of files: one at a time, as in HAProxy. Pure but for the lock: every socket has a thread
/// of its own.
final class Transactions<Draft: Sendable, Base: Sendable & Equatable>: Sendable {
    private let state = Mutex(State())

    private struct State {
        var ongoing: (name: String, base: Base?, draft: Draft)?
        /// Made by `new`, by name: nobody uses them.
        var unused: [String: Draft] = [:]
    }

    /// What became of a step.
    enum Step: Equatable {
        case created, updated
        /// What was to be kept is not usable.
        case refused
        /// Another file's is under way.
        case other
    }

    /// What is under way when it ends.
    enum End {
        case whole(Draft)
        /// The file is not what it was when this began: it is taken away.
        case outdated
        case other
    }

    /// What operators are told of one that is taken away.
    let outdated = "The file has changed since; the transaction is aborted.\n"

    /// What is under way.
    var ongoing: (name: String, draft: Draft)? {
        state.withLock { $0.ongoing.map { ($0.name, $0.draft) } }
    }

    /// What `new` has made.
    var unused: [String: Draft] { state.withLock { $0.unused } }

    func unused(_ name: String) -> Draft? { state.withLock { $0.unused[name] } }

    /// Makes one; false if there is one, or there are too many.
    func make(_ name: String, _ draft: Draft) -> Bool {
        state.withLock { state in
            // Files that nobody uses: more are not taken.
            guard state.unused[name] == nil, state.unused.count < 1_000 else { return false }
            state.unused[name] = draft
            return true
        }
    }

    /// Forgets one; false if there is none.
    func delete(_ name: String) -> Bool { state.withLock { $0.unused.removeValue(forKey: name) != nil } }

    /// Begins, with what the file holds then, or goes on. `draft` makes what is kept of what was kept before, if anything: nobody
    /// changes it in between.
    func change(_ name: String, base: Base?, _ draft: (Draft?) -> Draft?) -> Step {
        state.withLock { state in
            guard let ongoing = state.ongoing else {
                guard let first = draft(nil) else { return .refused }
                state.ongoing = (name, base, first)
                return .created
            }
            guard ongoing.name == name else { return .other }
            guard let next = draft(ongoing.draft) else { return .refused }
            state.ongoing = (name, ongoing.base, next)
            return .updated
        }
    }

    /// Ends what is under way if the file still is what it was then: a configuration that was read in between counts.
    func finish(_ name: String, now: Base?) -> End {
        state.withLock { state in
            guard let ongoing = state.ongoing, ongoing.name == name else { return .other }
            state.ongoing = nil
            return ongoing.base == now ? .whole(ongoing.draft) : .outdated
        }
    }

    /// Gives up what is under way; false if it is another one.
    func abort(_ name: String) -> Bool {
        state.withLock { state in
            guard state.ongoing?.name == name else { return false }
            state.ongoing = nil
            return true
        }
    }

    /// Keeps what nobody uses.
    func keep(_ name: String, _ draft: Draft) { state.withLock { $0.unused[name] = draft } }

    // MARK: What operators are told

    /// That another one is under way.
    func other(than name: String, _ verb: String) -> String {
        "The ongoing transaction is about '\(ongoing?.name ?? "")' but you are trying to \(verb) '\(name)'\n"
    }

    /// Gives up what is under way because a command says so, `abort ssl OBJECT`. The words are HAProxy's, of all objects.
    func abort(_ call: RuntimeCall, _ object: String) -> String {
        guard let name = call.words.first else { return "'abort ssl \(object)' expects a filename\n" }
        guard ongoing != nil else { return "No ongoing transaction!\n" }
        guard abort(name) else { return other(than: name, "abort a transaction for") }
        return "Transaction aborted for certificate '\(name)'!\n"
    }
}
