import Wire

/// Why a connection that must begin with a PROXY header was closed.
enum ProxyRefusal: String, CaseIterable {
    /// It begins with something else.
    case missing
    /// It ended within the header.
    case cut
    /// The header did not come in time.
    case timeout
    case tooLong
    case badLine
    case badCommand
    case badFamily
    case badLength
    case badField
    case badChecksum

    init(_ error: ProxyHeaderError) {
        self =
            switch error {
            case .tooLong: .tooLong
            case .badLine: .badLine
            case .badCommand: .badCommand
            case .badFamily: .badFamily
            case .badLength: .badLength
            case .badField: .badField
            case .badChecksum: .badChecksum
            }
    }

    /// Its place in an array of counters.
    var ordinal: Int { ProxyRefusal.allCases.firstIndex(of: self) ?? 0 }

    /// HAProxy's sentence for it.
    var sentence: StaticString {
        switch self {
        case .missing: "Received something which does not look like a PROXY protocol header"
        case .cut: "Truncated PROXY protocol header received"
        case .timeout: "Timeout while waiting for PROXY protocol header"
        default: "Received an invalid PROXY protocol header"
        }
    }
}
