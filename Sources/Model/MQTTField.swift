/// A field of the message with which an MQTT client or its server begins, under HAProxy's words.
public enum MQTTField: Sendable, Equatable, Hashable {
    case flags, protocolName, protocolVersion, clientIdentifier, willTopic, willPayload, username, password
    case keepAlive, reasonCode
    /// Of MQTT 5.0, by its number.
    case property(UInt8)

    /// By their words.
    public static let words: [(word: String, field: MQTTField)] = [
        ("flags", .flags), ("protocol_name", .protocolName), ("protocol_version", .protocolVersion),
        ("client_identifier", .clientIdentifier), ("will_topic", .willTopic), ("will_payload", .willPayload),
        ("username", .username), ("password", .password), ("keepalive", .keepAlive),
        ("reason_code", .reasonCode),
    ]

    /// Its word, or its number.
    public var word: String {
        if case .property(let number) = self { return "\(number)" }
        return MQTTField.words.first { $0.field == self }?.word ?? ""
    }
}

/// HAProxy's `mqtt_field_value`.
public struct MQTTPick: Sendable, Equatable, Hashable {
    /// Whether it is a client's message, CONNECT; else its server's, CONNACK.
    public var isClients: Bool
    /// Which field.
    public var field: MQTTField

    /// A pick from its parts.
    public init(isClients: Bool, _ field: MQTTField) { (self.isClients, self.field) = (isClients, field) }
}
