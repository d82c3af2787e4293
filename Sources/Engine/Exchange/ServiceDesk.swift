public import Model
import Synchronization

/// A request that something inside the process answers.
public struct ServiceRequest: Sendable {
    /// What is asked.
    public let service: HTTPService
    /// Path and query as they came.
    public let target: String
    /// Its fields by their names in lower case; values of one name are joined by commas.
    public let fields: [String: String]
    /// How it is asked.
    public var method = "GET"
    /// Whom it is for, as the client says.
    public var host = ""
    /// Whether whoever asks may change things.
    public var mayChange = false
    /// Its body if all of it is here; nil where it is more than is kept.
    public var body: [UInt8]?

    /// A request from its parts.
    public init(service: HTTPService, target: String, fields: [String: String] = [:]) {
        self.service = service
        self.target = target
        self.fields = fields
    }
}

/// What is answered in place of a server.
public struct ServiceAnswer: Sendable, Equatable {
    /// Its status.
    public var status: UInt16
    /// Its Content-Type.
    public var type: String
    /// Lines of its head besides, each ended by CRLF.
    public var fields: String
    /// Its body.
    public var body: [UInt8]

    /// An answer from its parts.
    public init(_ status: UInt16, type: String, fields: String = "", body: String) {
        self.status = status
        self.type = type
        self.fields = fields
        self.body = Array(body.utf8)
    }
}

/// Where workers ask for answers that are no server's. Who answers is said once the process is put together.
final class ServiceDesk: Sendable {
    private let clerk = Mutex<(@Sendable (ServiceRequest) -> ServiceAnswer)?>(nil)

    func serve(by answer: @escaping @Sendable (ServiceRequest) -> ServiceAnswer) {
        clerk.withLock { $0 = answer }
    }

    func answer(_ request: ServiceRequest) -> ServiceAnswer {
        let clerk = clerk.withLock { $0 }
        return clerk?(request) ?? ServiceAnswer(503, type: "text/plain", body: "nobody answers here\n")
    }
}
