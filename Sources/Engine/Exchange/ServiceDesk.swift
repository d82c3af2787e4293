public import Model
import Synchronization

/// A request that something inside the process answers.
public struct ServiceRequest: Sendable {
    /// What is asked.
    public let service: HTTPService
    /// Path and query as they came.
    public let target: String
    /// The field `Authorization`; empty without it.
    public let authorization: String
    /// The frontend's name.
    public let frontend: String

    /// A request from its parts.
    public init(service: HTTPService, target: String, authorization: String = "", frontend: String = "") {
        self.service = service
        self.target = target
        self.authorization = authorization
        self.frontend = frontend
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
