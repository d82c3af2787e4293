import Model

/// An `http-errors` section while it is read.
struct PageSection: Sendable {
    let name: String
    /// Where it begins.
    let line: SourceLocation
    /// By status.
    var pages: [UInt16: ErrorPage] = [:]

    init(name: String, line: SourceLocation) { (self.name, self.line) = (name, line) }
}

/// A keyword of an `http-errors` section.
typealias PageKeyword = Keyword<PageSection>
