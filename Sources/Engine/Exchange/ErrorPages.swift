import Basics
import Model
import Wire

/// The pages of a frontend or backend, written out as far as they are the same for everybody.
final class ErrorPages: Sendable {
    private let pages: FixedArray<Page>

    /// One page.
    struct Page: ~Copyable {
        /// What it stands for.
        let status: UInt16
        /// What clients see.
        let shown: UInt16
        let statusLine: FixedArray<UInt8>
        /// Field lines, the length among them.
        let fields: FixedArray<UInt8>
        let body: FixedArray<UInt8>
        /// The client is disconnected without a word.
        let isSilent: Bool
        /// What writes it for each answer, or nothing.
        private let composed: FixedArray<CompiledPage>

        // Each part is made before any is stored: Swift 6.3.1 otherwise frees a part before it is there (optimised builds only).
        init(_ page: ErrorPage, for status: UInt16) {
            let reason = page.reason.isEmpty ? "\(HTTPStatus.reason(page.status))" : page.reason
            let line = FixedArray("HTTP/1.1 \(page.status) \(reason)\r\n")
            let head = FixedArray(ErrorPages.fields(of: page))
            let content = FixedArray(count: page.body.count) { page.body[$0] }
            let formats = [page.composed].compactMap { $0 }
            let written = FixedArray(count: formats.count) { CompiledPage(formats[$0]) }
            self.status = status
            shown = page.status
            isSilent = page.isSilent
            statusLine = line
            fields = head
            body = content
            composed = written
        }

        /// What writes it for each answer; nil if it is the same for everybody.
        var format: Ref<CompiledPage>? { composed.count > 0 ? composed.reference(0) : nil }
    }

    /// Nil if there is none that can be sent; whoever made the others reports that.
    init?(_ models: [UInt16: ErrorPage]) {
        let usable = models.filter { $0.value.flaw == nil }.sorted { $0.key < $1.key }
        guard !usable.isEmpty else { return nil }
        pages = FixedArray(count: usable.count) { Page(usable[$0].value, for: usable[$0].key) }
    }

    private static func fields(of page: ErrorPage) -> String {
        let fields = page.fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        // RFC 9110 8.6: no length where there never is a body.
        let hasLength = page.status != 204 && page.status != 304
        return fields + (hasLength ? "Content-Length: \(page.body.count)\r\n" : "")
    }

    /// The page of a status; good as long as this.
    func page(of status: UInt16) -> Ref<Page>? {
        for i in 0..<pages.count where pages[i].status == status { return pages.reference(i) }
        return nil
    }
}
