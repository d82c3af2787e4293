import CCurl
import CSystem

/// All transfers of one client. Everything but `Waker` stays on the client's thread.
final class CurlMulti {
    private let handle: UnsafeMutableRawPointer
    private var running: [UInt: CurlEasy] = [:]

    /// Fails only for want of memory.
    init?() {
        guard isLibraryReady, let handle = curl_multi_init() else { return nil }
        self.handle = handle
        csystem_curl_multi_set_number(handle, Int32(CURLMOPT_PIPELINING.rawValue), Int(CURLPIPE_MULTIPLEX))
        // As many streams as an API server allows on one connection (250 since Go 1.0, 100 since 1.29.x).
        csystem_curl_multi_set_number(handle, Int32(CURLMOPT_MAX_CONCURRENT_STREAMS.rawValue), 250)
    }

    deinit {
        for transfer in running.values { curl_multi_remove_handle(handle, transfer.handle) }
        running = [:]
        curl_multi_cleanup(handle)
    }

    /// Starts a transfer; false if libcurl refuses it.
    func add(_ transfer: CurlEasy) -> Bool {
        guard transfer.isComplete else { return false }
        guard curl_multi_add_handle(handle, transfer.handle) == CURLM_OK else { return false }
        running[transfer.identity] = transfer
        return true
    }

    /// Ends a transfer, whether it is complete or not.
    func remove(_ transfer: CurlEasy) {
        guard running.removeValue(forKey: transfer.identity) != nil else { return }
        curl_multi_remove_handle(handle, transfer.handle)
    }

    /// Moves what can be moved without waiting.
    func perform() {
        var count: Int32 = 0
        curl_multi_perform(handle, &count)
    }

    /// The transfers that have something to tell.
    func transfersWithNews() -> [CurlEasy] { running.values.filter(\.hasNews) }

    /// The next transfer that has ended, and libcurl's code for how.
    func nextEnded() -> (CurlEasy, Int32)? {
        var code: Int32 = 0
        while let ended = csystem_curl_multi_next_ended(handle, &code) {
            if let transfer = running[UInt(bitPattern: ended)] { return (transfer, code) }
        }
        return nil
    }

    /// Waits for bytes, a wake-up, or so many milliseconds.
    func wait(milliseconds: Int32) {
        curl_multi_poll(handle, nil, 0, milliseconds, nil)
    }

    /// What other threads wake this one with, as long as this lives.
    var waker: Waker { Waker(address: UInt(bitPattern: handle)) }

    /// The one way in from other threads: libcurl allows `curl_multi_wakeup` there, and nothing else.
    struct Waker: Sendable {
        fileprivate let address: UInt

        func wake() {
            guard let handle = UnsafeMutableRawPointer(bitPattern: address) else { return }
            curl_multi_wakeup(handle)
        }
    }
}

private let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
