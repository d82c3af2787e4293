import CSystem
import Glibc
public import Kubernetes
public import Model
import Synchronization

/// Follows folders of manifests and sends what they say to a pipeline, as a cluster would.
///
/// Changes are noticed by inotify, whichever way an editor saves. Folders are read again once they have been quiet for 20 ms,
/// after 200 ms at the latest. Where the system has no inotify instance or watch to spare, they are looked at every half
/// second instead.
public final class FolderSource: Sendable {
    /// The one part of the initial state.
    public static let part = "manifests"

    private let reader: Mutex<FolderReader>
    private let pipeline: Pipeline
    private let onDiagnostics: @Sendable ([Diagnostic]) -> Void
    private let cancel: Int32
    /// Every folder has its watch.
    private let isWatching = Atomic<Bool>(false)
    private let thread = Mutex<pthread_t?>(nil)

    /// A source over folders and files. `onDiagnostics` hears what is wrong with the files whenever that changes.
    public init(
        _ paths: [String], adding secrets: [Secret] = [], pipeline: Pipeline,
        onDiagnostics: @escaping @Sendable ([Diagnostic]) -> Void
    ) {
        reader = Mutex(FolderReader(paths, adding: secrets))
        self.pipeline = pipeline
        self.onDiagnostics = onDiagnostics
        cancel = eventfd(0, Int32(EFD_CLOEXEC))
    }

    deinit { close(cancel) }

    /// Reads everything once, then follows; false if the system refuses a thread.
    public func start() -> Bool {
        let watch = csystem_watch_open()
        read(watch)
        pipeline.send(.synced(part: FolderSource.part))
        return thread.withLock { thread in
            thread = WatchThread.start { [self] in follow(watch) }
            return thread != nil
        }
    }

    /// Ends following.
    public func stop() {
        eventfd_write(cancel, 1)
        if let running = thread.withLock({ $0.take() }) { pthread_join(running, nil) }
    }

    private func follow(_ watch: Int32) {
        while true {
            // Without a complete watch, time itself is the event.
            let event = csystem_watch_wait(watch, cancel, isWatching.load(ordering: .relaxed) ? -1 : 500)
            guard event >= 0 else { break }
            var rounds = 0
            while event == 1, rounds < 10, csystem_watch_wait(watch, cancel, 20) == 1 { rounds += 1 }
            read(watch)
        }
        if watch >= 0 { close(watch) }
    }

    private func read(_ watch: Int32) {
        let (updates, known, folders, diagnostics) = reader.withLock { reader in
            let (before, known) = (reader.diagnostics, reader.folders)
            let updates = reader.read(at: monotonicNow())
            return (updates, known, reader.folders, before == reader.diagnostics ? nil : reader.diagnostics)
        }
        var isComplete = watch >= 0
        for folder in folders where csystem_watch_folder(watch, folder) != 0 { isComplete = false }
        isWatching.store(isComplete, ordering: .relaxed)
        if let diagnostics { onDiagnostics(diagnostics) }
        for update in updates { pipeline.send(update) }
        // A folder may have changed between being read and being watched.
        if !Set(folders).isSubset(of: known) { read(watch) }
    }
}
