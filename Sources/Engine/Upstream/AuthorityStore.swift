import Model
import Synchronization
import Wire

/// The authorities and revocations that handshakes ask, by the files they were read from: whoever speaks TLS takes its own from here,
/// and operators replace what is in a file for all of them at once. Safe to use from any thread.
final class AuthorityStore: Sendable {
    private let state = Mutex(State())

    private struct State {
        var sources: [AuthorityBundle: TrustSource] = [:]
        /// What operators have put in the place of files.
        var edits: [AuthorityFile: [UInt8]] = [:]
        /// How many sources there may be before those are sought that nobody has any more.
        var limit = 64

        mutating func forgetUnused() {
            var unused: [AuthorityBundle] = []
            var place = sources.startIndex
            while place != sources.endIndex {
                if isKnownUniquelyReferenced(&sources.values[place]) { unused.append(sources.keys[place]) }
                sources.formIndex(after: &place)
            }
            for bundle in unused { sources[bundle] = nil }
        }
    }

    /// What handshakes are to ask that trust these.
    func source(for bundle: AuthorityBundle) throws(TLSSettingsError) -> TrustSource {
        try state.withLock { state throws(TLSSettingsError) in
            if let known = state.sources[bundle] { return known }
            let made = TrustSource(try AuthorityStore.store(bundle, state.edits))
            state.sources[bundle] = made
            if state.sources.count > state.limit {
                state.forgetUnused()
                state.limit = max(64, 2 * state.sources.count)
            }
            return made
        }
    }

    /// What is in the files that somebody uses, by their names.
    var files: [AuthorityFile: [UInt8]] {
        state.withLock { state in
            state.forgetUnused()
            var found: [AuthorityFile: [UInt8]] = [:]
            for bundle in state.sources.keys {
                for (file, bytes) in bundle.files { found[file] = state.edits[file] ?? bytes }
            }
            return found
        }
    }

    /// Puts something else in the place of a file, for the next handshakes of all who use it, or changes nothing and says why. False if
    /// nobody does.
    func replace(_ file: AuthorityFile, by pem: [UInt8]) throws(TLSSettingsError) -> Bool {
        try state.withLock { state throws(TLSSettingsError) in
            state.forgetUnused()
            var edits = state.edits
            edits[file] = pem
            let touched = state.sources.filter { $0.key.files[file] != nil }
            guard !touched.isEmpty else { return false }
            try AuthorityStore.renew(touched, edits)
            state.edits = edits
            return true
        }
    }

    /// Goes back to what was read.
    func restore() {
        state.withLock { state in
            let edits = state.edits
            state.edits = [:]
            let touched = state.sources.filter { bundle, _ in
                edits.keys.contains { bundle.files[$0] != nil }
            }
            // They were read before.
            do { try AuthorityStore.renew(touched, [:]) } catch { state.edits = edits }
        }
    }

    /// All of them, or none.
    private static func renew(
        _ touched: [AuthorityBundle: TrustSource], _ edits: [AuthorityFile: [UInt8]]
    ) throws(TLSSettingsError) {
        var made: [(TrustSource, TrustStore)] = []
        for (bundle, source) in touched {
            made.append((source, try store(bundle, edits)))
        }
        for (source, store) in made { source.replace(by: store) }
    }

    private static func store(
        _ bundle: AuthorityBundle, _ edits: [AuthorityFile: [UInt8]]
    ) throws(TLSSettingsError) -> TrustStore {
        func bytes(_ kind: AuthorityFile.Kind, _ name: String, _ read: [UInt8]) -> [UInt8] {
            edits[AuthorityFile(kind, name)] ?? read
        }
        do {
            return try TrustStore(
                certificatesPEM: bytes(.authorities, bundle.certificatesFile, bundle.certificatesPEM),
                revocationsPEM: bytes(.revocations, bundle.revocationsFile, bundle.revocationsPEM))
        } catch {
            throw .authorities(error)
        }
    }
}

extension AuthorityBundle {
    /// Its files that have names, with what was read from them.
    fileprivate var files: [AuthorityFile: [UInt8]] {
        var files: [AuthorityFile: [UInt8]] = [:]
        if !certificatesFile.isEmpty {
            files[AuthorityFile(.authorities, certificatesFile)] = certificatesPEM
        }
        if !revocationsFile.isEmpty { files[AuthorityFile(.revocations, revocationsFile)] = revocationsPEM }
        return files
    }
}
