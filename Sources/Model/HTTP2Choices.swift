/// What connections of HTTP/2 let their peers do at once; nil is the engine's own choice.
public struct HTTP2Choices: Sendable, Equatable {
    /// Requests a client may have under way on a connection (`tune.h2.fe.max-concurrent-streams`). Default 100.
    public var clientStreams: Int?
    /// Bytes of a request's body that may wait to be passed on (`tune.h2.fe.initial-window-size`). Default 65,535.
    public var clientWindow: Int?
    /// The same of an answer's (`tune.h2.be.initial-window-size`).
    public var serverWindow: Int?

    /// No choices.
    public init() {}
}
