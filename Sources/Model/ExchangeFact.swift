/// What can be read of an exchange, of the connection with its server and of how long it takes, without arguments, under HAProxy's names.
public enum ExchangeFact: String, Sendable, CaseIterable {
    // The process and the frontend.
    /// Client connections of all frontends.
    case processConnections = "act_conn"
    case processID = "pid"
    /// Of the second that it is.
    case microseconds = "date_us"
    /// Always false.
    case speaksQUIC = "quic_enabled"
    case frontendID = "fe_id"
    /// The listener's number among those of its frontend.
    case listenerID = "so_id"
    /// Milliseconds.
    case tarpitTimeout = "fe_tarpit_timeout"
    /// Whether the connection's own ends are this machine's, whatever a PROXY header has said.
    case isConnectionSourceLocal = "fc_src_is_local"
    case isConnectionDestinationLocal = "fc_dst_is_local"

    // The exchange.
    case bytesIn = "bytes_in"
    case bytesOut = "bytes_out"
    case isRedispatched = "txn.redispatched"
    /// Cause and phase of its end.
    case termination = "txn.sess_term_state"
    /// What the client is answered; 0 before that is known.
    case clientStatus = "txn.status"

    // Times in milliseconds, -1 for what was not reached.
    case handshakeTime = "fc.timer.handshake"
    case connectionTime = "fc.timer.total"
    case headTime = "req.timer.hdr"
    case idleTime = "req.timer.idle"
    case queueTime = "req.timer.queue"
    case requestTime = "req.timer.tq"
    case connectTime = "bc.timer.connect"
    case answerHeadTime = "res.timer.hdr"
    case answerDataTime = "res.timer.data"
    case activeTime = "txn.timer.total"
    case userTime = "txn.timer.user"

    // The backend and the server.
    case backendID = "be_id"
    case serverID = "srv_id"
    /// How many waited before it.
    case backendQueue = "bc_be_queue"
    case serverQueue = "bc_srv_queue"

    // The connection with the server.
    case serverAddress = "bc_dst"
    case serverPort = "bc_dst_port"
    case ownAddress = "bc_src"
    case ownPort = "bc_src_port"
    case serverMajorVersion = "bc_http_major"
    case isServerReused = "bc_reused"
    case serverFault = "bc_err"
    case serverFaultText = "bc_err_str"

    // Its TLS.
    case isServerTLS = "ssl_bc"
    case serverTLSVersion = "ssl_bc_protocol"
    case serverCipher = "ssl_bc_cipher"
    case serverProtocol = "ssl_bc_alpn"
    case isServerResumed = "ssl_bc_is_resumed"
    case serverKeySize = "ssl_bc_alg_keysize"
    case serverSecretKeySize = "ssl_bc_use_keysize"
    case serverSession = "ssl_bc_session_id"
    case serverGroup = "ssl_bc_curve"
    case serverTLSUnique = "ssl_bc_unique_id"
    case ownRandom = "ssl_bc_client_random"
    case serverRandom = "ssl_bc_server_random"
    case serverTLSFault = "ssl_bc_err"
    case serverTLSFaultText = "ssl_bc_err_str"

    /// What it gives.
    public var output: SampleType {
        switch self {
        case .speaksQUIC, .isConnectionSourceLocal, .isConnectionDestinationLocal, .isRedispatched,
            .isServerReused, .isServerTLS, .isServerResumed:
            .boolean
        case .serverAddress, .ownAddress: .address
        case .serverSession, .serverTLSUnique, .ownRandom, .serverRandom: .binary
        case .termination, .serverFaultText, .serverTLSVersion, .serverCipher, .serverProtocol, .serverGroup,
            .serverTLSFaultText:
            .string
        default: .integer
        }
    }

    /// What it can be had from.
    public var needs: SampleLayers {
        switch self {
        case .processConnections, .processID, .microseconds, .speaksQUIC: []
        case .backendID: .backend
        case .isRedispatched, .connectTime, .backendQueue, .serverQueue, .serverID: .server
        case _ where rawValue.hasPrefix("bc_") || rawValue.hasPrefix("ssl_bc"): .server
        default: .connection
        }
    }
}
