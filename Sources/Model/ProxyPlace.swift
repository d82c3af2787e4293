/// Where a frontend or a backend stands among all of them, as statistics show it.
public struct ProxyPlace: Sendable, Equatable {
    /// In which order they are shown, from 1; those with 0, the default, come last, by name. A frontend and a backend that share
    /// it are one section.
    public var order = 0
    /// HAProxy's `id`; 0, the default, is none.
    public var id = 0
    /// HAProxy's `description`; empty, the default, is none.
    public var description = ""
    /// What the section is for: a backend has no other place for it.
    public var mode = Mode.http

    /// None.
    public init() {}
}
