import CSystem
import Glibc
public import Kubernetes
public import Model
import Synchronization

/// Follows folders of manifests and sends what they say to a pipeline, as a cluster would.
///
/// Changes are noticed by inotify, whichever way an editor saves. Folders are read again once they have been quiet for 20 ms,
/// after 200 ms at the latest.
public final class FolderSource: Sendable {
    /// The one part of the initial state.
    public static let part = "manifests"

    private let reader: Mutex<FolderReader>
    private let pipeline: Pipeline
    private let onDiagnostics: @Sendable ([Diagnostic]) -> Void
    private let cancel: Int32
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
        while csystem_watch_wait(watch, cancel, -1) == 1 {
            var rounds = 0
            while rounds < 10, csystem_watch_wait(watch, cancel, 20) == 1 { rounds += 1 }
            read(watch)
        }
        close(watch)
    }

    private func read(_ watch: Int32) {
        let (updates, known, folders, diagnostics) = reader.withLock { reader in
            let (before, known) = (reader.diagnostics, reader.folders)
            let updates = reader.read(at: monotonicNow())
            return (updates, known, reader.folders, before == reader.diagnostics ? nil : reader.diagnostics)
        }
        for folder in folders { _ = csystem_watch_folder(watch, folder) }
        if let diagnostics { onDiagnostics(diagnostics) }
        for update in updates { pipeline.send(update) }
        // A folder may have changed between being read and being watched.
        if !Set(folders).isSubset(of: known) { read(watch) }
    }
}
