/// How much of a body connections of HTTP/2 take before it is passed on, and how much they carry; nil is the engine's own choice.
public struct HTTP2Choices: Sendable, Equatable {
    /// Bytes of a request's body that may wait to be passed on (`tune.h2.fe.initial-window-size`). Default 65,535.
    public var clientWindow: Int?
    /// The same of an answer's (`tune.h2.be.initial-window-size`).
    public var serverWindow: Int?
    /// The most requests that one connection to a server carries at a time, if the server takes as many
    /// (`tune.h2.be.max-concurrent-streams`). Default 100.
    public var serverStreams: Int?

    /// No choices.
    public init() {}
}
