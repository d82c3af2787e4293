import Model

/// A `log-profile` section while it is read.
struct LogProfileSection: Sendable {
    /// Its settings.
    var profile: LogProfile
    /// Where it begins.
    let line: SourceLocation
}

/// A keyword of a `log-profile` section.
typealias LogProfileKeyword = Keyword<LogProfileSection>
