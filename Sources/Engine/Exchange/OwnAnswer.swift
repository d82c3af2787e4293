import Basics

/// An answer of our own, written out but for the fields about its connection; good as long as what it was made from.
struct OwnAnswer {
    /// What clients see.
    let shown: UInt16
    /// What it stands for: in logs and counters.
    let status: UInt16
    /// Ended by CRLF, as are the fields.
    let statusLine: ByteView
    /// The length among them, where there may be one.
    let fields: ByteView
    /// Fields of this answer alone.
    var added = ByteView.empty
    let body: ByteView
    /// The body stands beside the exchange.
    var isKept = false
    /// None of this is sent: the client is disconnected.
    var isSilent = false
}

extension OwnAnswer {
    /// A page of the configuration.
    init(_ page: Ref<ErrorPages.Page>) {
        self.init(
            shown: page[].shown, status: page[].status, statusLine: page[].statusLine.view,
            fields: page[].fields.view, body: page[].body.view, isSilent: page[].isSilent)
    }
}
