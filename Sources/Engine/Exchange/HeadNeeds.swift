/// What few exchanges need of the heads that are written for them.
struct HeadNeeds: OptionSet {
    let rawValue: UInt8

    /// The server is told of the client's certificate.
    static let certificate = HeadNeeds(rawValue: 1 << 0)
    /// The server is told addresses by more than the frontend's `AppendedField`.
    static let addresses = HeadNeeds(rawValue: 1 << 1)
    /// The server is told its name.
    static let serverName = HeadNeeds(rawValue: 1 << 2)
    /// Names of fields are written as a server of HTTP/1 wants them.
    static let namesToServer = HeadNeeds(rawValue: 1 << 3)
    /// The same of a client.
    static let namesToClient = HeadNeeds(rawValue: 1 << 4)
}
