import CCurl
import CSystem
import Glibc

/// One libcurl transfer: its options, and what has arrived and was not taken yet. Lives on the client's thread.
///
/// This file and `CurlMulti` are the only ones that see libcurl's pointers.
final class CurlEasy {
    /// What a transfer reports; called after `perform`, never from inside libcurl.
    struct Arrivals {
        var status = 0
        var retryAfter: UInt64?
        /// The lines of the head, if they are wanted.
        var fields: [String] = []
        var body: [UInt8] = []
        /// When the first byte of `body` came, in nanoseconds of CLOCK_MONOTONIC.
        var receivedAt: UInt64 = 0
    }

    /// Owned; for `CurlMulti` only.
    let handle: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var detours: UnsafeMutablePointer<curl_slist>?
    private var arrivals = Arrivals()
    private(set) var hasNews = false
    /// Whether the lines of heads are wanted: most requests ask for the status alone.
    var keepsFields = false
    private var isRefused = false

    /// Fails only for want of memory.
    init?() {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        csystem_curl_set_error_buffer(handle, errorBuffer)
        csystem_curl_set_liveness(handle)
        let context = Unmanaged.passUnretained(self).toOpaque()
        // Safe: the transfer is removed from the multi handle and cleaned up in deinit, so no callback outlives it.
        csystem_curl_set_sinks(handle, receiveHead, receiveBody, context)
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        curl_slist_free_all(detours)
        errorBuffer.deallocate()
    }

    /// What identifies the transfer among those of its multi handle.
    var identity: UInt { UInt(bitPattern: handle) }

    func set(_ option: CURLoption, _ number: Int) {
        note(csystem_curl_set_number(handle, Int32(option.rawValue), number))
    }

    func set(_ option: CURLoption, _ text: String?) {
        note(csystem_curl_set_text(handle, Int32(option.rawValue), text))
    }

    func set(_ option: CURLoption, blob: [UInt8]) {
        note(csystem_curl_set_blob(handle, Int32(option.rawValue), blob, blob.count))
    }

    func setBody(_ bytes: [UInt8]) {
        note(csystem_curl_set_body(handle, bytes, bytes.count))
    }

    func setHeaders(_ lines: [String]) {
        for line in lines { headers = curl_slist_append(headers, line) ?? headers }
        note(csystem_curl_set_list(handle, Int32(CURLOPT_HTTPHEADER.rawValue), headers))
    }

    /// `from-host:port:to-host:port`, libcurl's way to connect elsewhere than the address says.
    func setConnectTo(_ rule: String) {
        detours = curl_slist_append(detours, rule) ?? detours
        note(csystem_curl_set_list(handle, Int32(CURLOPT_CONNECT_TO.rawValue), detours))
    }

    /// Whether libcurl took every option; a transfer without one of them must not run.
    var isComplete: Bool { !isRefused }

    private func note(_ code: Int32) {
        if code != 0 { isRefused = true }
    }

    /// What has arrived since the last call.
    func takeArrivals() -> Arrivals? {
        guard hasNews else { return nil }
        hasNews = false
        var news = Arrivals()
        swap(&news, &arrivals)
        return news
    }

    /// What went wrong, in one line that names no credentials.
    func failure(of code: Int32) -> String {
        let detail = String(cString: errorBuffer)
        let general = String(cString: curl_easy_strerror(CURLcode(UInt32(bitPattern: code))))
        if detail.isEmpty { return OneLine.of(general) }
        // OpenSSL's own words do not say that they are about a certificate or a handshake.
        let isCryptic = code == CURLE_SSL_CONNECT_ERROR.rawValue && !detail.contains("certificate")
        return OneLine.of(isCryptic ? "TLS handshake or certificate refused: \(detail)" : detail)
    }
}

extension CurlEasy {
    /// A line of a head, with its line end. A head ends with an empty line; those of 1xx answers are passed over.
    fileprivate func noteHead(line: UnsafeBufferPointer<UInt8>) {
        if line.count <= 2 {
            let status = csystem_curl_status(handle)
            guard status >= 200 else { return }
            arrivals.status = status
            hasNews = true
            return
        }
        if keepsFields { noteField(line) }
        let name = "retry-after:"
        let start = line.prefix(name.utf8.count)
        guard start.elementsEqual(name.utf8, by: isSameLetter) else { return }
        let value = line.dropFirst(name.utf8.count).filter { $0 > 0x20 }
        // A date is possible by HTTP; the API server writes seconds.
        arrivals.retryAfter = UInt64(String(decoding: value, as: UTF8.self))
    }

    private func noteField(_ line: UnsafeBufferPointer<UInt8>) {
        if line.starts(with: "HTTP/".utf8) {
            // Another head: that of a 1xx answer came before it.
            arrivals.fields = []
        } else {
            arrivals.fields.append(String(decoding: line.filter { $0 != 13 && $0 != 10 }, as: UTF8.self))
        }
    }

    fileprivate func noteBody(_ bytes: UnsafeBufferPointer<UInt8>) {
        if arrivals.body.isEmpty { arrivals.receivedAt = Monotonic.now() }
        arrivals.body.append(contentsOf: bytes)
        hasNews = true
    }
}

private func isSameLetter(_ found: UInt8, _ lowercase: UInt8) -> Bool {
    found == lowercase || (found | 0x20) == lowercase
}

private func receiveHead(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    withTransfer(bytes, size &* count, context) { $0.noteHead(line: $1) }
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    withTransfer(bytes, size &* count, context) { $0.noteBody($1) }
}

private func withTransfer(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    _ body: (CurlEasy, UnsafeBufferPointer<UInt8>) -> Void
) -> Int {
    guard let bytes, let context else { return 0 }
    let transfer = Unmanaged<CurlEasy>.fromOpaque(context).takeUnretainedValue()
    bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
        body(transfer, UnsafeBufferPointer(start: $0, count: count))
    }
    return count
}
