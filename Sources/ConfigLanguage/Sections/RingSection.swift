import Model

/// A `ring` section while it is read.
struct RingSection: Sendable {
    /// Its settings.
    var ring: LogRing
    /// Where it begins.
    let line: SourceLocation

    /// HAProxy's values where nothing is said.
    init(name: String, line: SourceLocation) {
        ring = LogRing(name: name)
        self.line = line
    }
}

/// A keyword of a `ring` section.
typealias RingKeyword = Keyword<RingSection>
