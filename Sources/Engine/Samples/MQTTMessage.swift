import Basics
import Model

/// The message with which an MQTT client (3.1, 3.1.1, 5.0) or its server begins, as `mqtt_is_valid` and `mqtt_field_value` read it.
///
/// ```
///   kind 4 bits, flags 4 │ length 1-4 │ CONNECT: name, version, flags, keep-alive, properties │ client, will, user, password
/// ```
struct MQTTMessage {
    /// CONNECT, else CONNACK: others do not come first.
    let isClients: Bool
    /// Of a server's acknowledgement 5 where it has properties.
    private(set) var version: UInt8 = 4
    private(set) var flags: UInt8 = 0
    private(set) var keepAlive = 0
    private(set) var reason: UInt8 = 0
    /// What is text, where it is there.
    private(set) var name: ByteView?
    private(set) var client: ByteView?
    private(set) var willTopic: ByteView?
    private(set) var willPayload: ByteView?
    private(set) var user: ByteView?
    private(set) var password: ByteView?
    private var properties: ByteView = .empty
    private var willProperties: ByteView = .empty

    /// What was found.
    enum Outcome {
        case message(MQTTMessage)
        /// More bytes have to come.
        case incomplete
        case invalid
    }

    private enum Flag {
        static let user: UInt8 = 0x80
        static let password: UInt8 = 0x40
        static let will: UInt8 = 0x04
    }

    static func read(_ bytes: ByteView) -> Outcome {
        guard bytes.count >= 2 else { return .incomplete }
        var cursor = Cursor(bytes[1..<bytes.count])
        guard bytes[0] == 0x10 || bytes[0] == 0x20 else { return .invalid }
        guard let length = cursor.variableLength() else { return bytes.count < 5 ? .incomplete : .invalid }
        guard cursor.rest.count >= length else { return .incomplete }
        var message = MQTTMessage(isClients: bytes[0] == 0x10)
        cursor.rest = cursor.rest[0..<length]
        let isWhole = message.isClients ? message.connect(&cursor) : message.acknowledge(&cursor)
        return isWhole ? .message(message) : .invalid
    }

    private init(isClients: Bool) { self.isClients = isClients }

    private mutating func connect(_ cursor: inout Cursor) -> Bool {
        guard let name = cursor.text(), let version = cursor.byte(), let flags = cursor.byte(),
            let keepAlive = cursor.number(of: 2)
        else { return false }
        // As much as HAProxy looks at; what else is wrong the server says.
        guard name.equals("MQIsdp") || name.equals("MQTT"), (3...5).contains(version), flags & 1 == 0 else {
            return false
        }
        (self.name, self.version, self.flags, self.keepAlive) = (name, version, flags, Int(keepAlive))
        if version == 5 {
            guard let known = cursor.properties(MQTTProperty.ofConnect) else { return false }
            properties = known
        }
        client = cursor.text()
        guard client != nil else { return false }
        return will(&cursor) && credentials(&cursor) && cursor.rest.isEmpty
    }

    private mutating func will(_ cursor: inout Cursor) -> Bool {
        guard flags & Flag.will != 0 else { return true }
        if version == 5 {
            guard let known = cursor.properties(MQTTProperty.ofWill) else { return false }
            willProperties = known
        }
        (willTopic, willPayload) = (cursor.text(), cursor.text())
        return willTopic != nil && willPayload != nil
    }

    private mutating func credentials(_ cursor: inout Cursor) -> Bool {
        if flags & Flag.user != 0 {
            user = cursor.text()
            if user == nil { return false }
        }
        guard flags & Flag.password != 0 else { return true }
        password = cursor.text()
        return password != nil
    }

    private mutating func acknowledge(_ cursor: inout Cursor) -> Bool {
        guard let flags = cursor.byte(), let reason = cursor.byte(), flags & 0xFE == 0 else { return false }
        (self.flags, self.reason) = (flags, reason)
        guard !cursor.rest.isEmpty else { return true }
        version = 5
        guard let known = cursor.properties(MQTTProperty.ofAcknowledgement) else { return false }
        properties = known
        return cursor.rest.isEmpty
    }

    /// What a field says; nil if it is not there.
    func value(of field: MQTTField) -> Value? {
        switch field {
        case .flags: .number(UInt64(flags))
        case .protocolName: name.map { .text($0) }
        case .protocolVersion: .number(UInt64(version))
        case .clientIdentifier: client.map { .text($0) }
        case .willTopic: willTopic.map { .text($0) }
        case .willPayload: willPayload.map { .text($0) }
        case .username: user.map { .text($0) }
        case .password: password.map { .text($0) }
        case .keepAlive: .number(UInt64(keepAlive))
        case .reasonCode: .number(UInt64(reason))
        case .property(let number):
            MQTTMessage.value(of: number, in: properties) ?? MQTTMessage.value(of: number, in: willProperties)
                ?? (version == 5 && MQTTProperty.isNumber(number) ? .number(0) : nil)
        }
    }

    /// Numbers are written in decimal digits.
    enum Value {
        case text(ByteView)
        case number(UInt64)
    }

    private static func value(of number: UInt8, in properties: ByteView) -> Value? {
        var cursor = Cursor(properties)
        while let found = cursor.byte() {
            guard let value = cursor.value(of: found) else { return nil }
            if found == number { return value }
        }
        return nil
    }

    /// Goes over bytes from the first on.
    private struct Cursor {
        var rest: ByteView

        init(_ bytes: ByteView) { rest = bytes }

        mutating func take(_ count: Int) -> ByteView? {
            guard count <= rest.count else { return nil }
            defer { rest = rest[count..<rest.count] }
            return rest[0..<count]
        }

        mutating func byte() -> UInt8? { take(1).map { $0[0] } }

        mutating func number(of count: Int) -> UInt64? {
            guard let bytes = take(count) else { return nil }
            var number: UInt64 = 0
            for i in 0..<count { number = number << 8 | UInt64(bytes[i]) }
            return number
        }

        mutating func text() -> ByteView? { number(of: 2).flatMap { take(Int($0)) } }

        /// Seven bits in each byte, the lowest first; four bytes at most.
        mutating func variableLength() -> Int? {
            var length = 0
            for shift in stride(from: 0, to: 28, by: 7) {
                guard let byte = byte() else { return nil }
                length |= Int(byte & 0x7F) << shift
                if byte & 0x80 == 0 { return length }
            }
            return nil
        }

        /// The properties that stand here, if they are among those allowed, each once.
        mutating func properties(_ allowed: Set<UInt8>) -> ByteView? {
            guard let length = variableLength(), let all = take(length) else { return nil }
            var (cursor, seen) = (Cursor(all), Set<UInt8>())
            while let number = cursor.byte() {
                guard allowed.contains(number), cursor.value(of: number) != nil,
                    seen.insert(number).inserted || number == MQTTProperty.ofUser
                else { return nil }
            }
            return all
        }

        mutating func value(of property: UInt8) -> Value? {
            guard let size = MQTTProperty.sizes[property] else { return nil }
            if size > 0 { return number(of: size).map { .number($0) } }
            guard let text = text() else { return nil }
            // A pair of texts.
            guard property == MQTTProperty.ofUser else { return .text(text) }
            return self.text().map { .text($0) }
        }
    }
}

/// The properties of MQTT 5.0 (2.2.2.2).
private enum MQTTProperty {
    /// How many bytes its number has; 0 of texts.
    static let sizes: [UInt8: Int] = [
        1: 1, 2: 4, 3: 0, 8: 0, 9: 0, 17: 4, 18: 0, 19: 2, 21: 0, 22: 0, 23: 1, 24: 4, 25: 1, 26: 0, 28: 0,
        31: 0,
        33: 2, 34: 2, 36: 1, 37: 1, 38: 0, 39: 4, 40: 1, 41: 1, 42: 1,
    ]
    static let ofUser: UInt8 = 38

    static func isNumber(_ property: UInt8) -> Bool { (sizes[property] ?? 0) > 0 }

    static let ofConnect: Set<UInt8> = [17, 21, 22, 23, 25, 33, 34, 38, 39]
    static let ofWill: Set<UInt8> = [1, 2, 3, 8, 9, 24, 38]
    static let ofAcknowledgement: Set<UInt8> = [
        17, 18, 19, 21, 22, 26, 28, 31, 33, 34, 36, 37, 38, 39, 40, 41, 42,
    ]
}
