/// What formats can say of a connection, a request and its answer, under HAProxy's names.
public enum LogVariable: String, Sendable, CaseIterable {
    // Both ends.
    case clientAddress = "ci"
    case clientPort = "cp"
    /// Where the client connected to.
    case frontendAddress = "fi"
    case frontendPort = "fp"
    case frontend = "f"
    /// With `~` behind it if TLS is spoken there.
    case frontendAndTransport = "ft"
    case backend = "b"
    /// Where we connected to the server from.
    case sourceAddress = "bi"
    case sourcePort = "bp"
    case server = "s"
    case serverAddress = "si"
    case serverPort = "sp"
    case tlsCipher = "sslc"
    case tlsVersion = "sslv"

    // Points in time.
    /// When the connection was accepted, in local time: `21/Nov/2026:04:05:06.123`.
    case acceptDate = "t"
    /// `21/Nov/2026:04:05:06 +0000`.
    case acceptDateUTC = "T"
    /// The same with the local offset.
    case acceptDateLocal = "Tl"
    /// In seconds since 1970.
    case acceptSeconds = "Ts"
    /// The milliseconds behind those.
    case acceptMilliseconds = "ms"
    /// When the first byte of the request came.
    case requestDate = "tr"
    case requestDateUTC = "trg"
    case requestDateLocal = "trl"

    // Times in milliseconds, -1 for what was not reached.
    case handshakeTime = "Th"
    case idleTime = "Ti"
    case requestTime = "TR"
    /// The three before together.
    case requestTimeFromAccept = "Tq"
    case queueTime = "Tw"
    case connectTime = "Tc"
    case responseTime = "Tr"
    case dataTime = "Td"
    /// From the request's first byte on.
    case activeTime = "Ta"
    case totalTime = "Tt"
    /// Without what the client was idle.
    case userTime = "Tu"

    // Counts.
    case bytesOut = "B"
    case bytesIn = "U"
    case openConnections = "ac"
    case frontendConnections = "fc"
    case backendConnections = "bc"
    case serverConnections = "sc"
    case retries = "rc"
    case serverQueue = "sq"
    case backendQueue = "bq"
    case requestNumber = "rt"
    case logNumber = "lc"

    // The request and its answer.
    case status = "ST"
    /// Cause and phase of the end.
    case termination = "ts"
    /// With what became of the cookie.
    case terminationAndCookie = "tsc"
    case requestLine = "r"
    case method = "HM"
    case pathOrAddress = "HP"
    case path = "HPO"
    case query = "HQ"
    case target = "HU"
    case version = "HV"
    case requestCookie = "CC"
    case responseCookie = "CS"
    case requestFields = "hr"
    case requestFieldList = "hrl"
    case responseFields = "hs"
    case responseFieldList = "hsl"
    case uniqueID = "ID"

    // The process.
    case hostName = "H"
    case processID = "pid"
    /// What the line is about.
    case origin = "OG"

    /// Whether it has no meaning where there are no requests: HAProxy reserves these for mode http.
    public var isOfRequests: Bool {
        switch self {
        case .requestDate, .requestDateUTC, .requestDateLocal, .idleTime, .requestTime,
            .requestTimeFromAccept,
            .responseTime, .activeTime, .requestLine, .method, .pathOrAddress, .path, .query, .target,
            .version,
            .requestCookie, .responseCookie:
            true
        default: false
        }
    }
}
