import Basics
import Model

/// A step of an expression about a format: what is in messages, lists and rows of numbers.
enum PayloadStep {
    case isMQTT
    case mqttField(MQTTPick)
    /// The numbers of the path have four bytes each.
    case protobuf(Literal, ProtobufType?, isFramed: Bool)
    case chunks(ByteChunks.Kind, Literal, Int, Bool)
    case parameter(Literal, UInt8)
    case cutLine
    case forwarded(ForwardedPart)
    case language(Literal, Literal?)

    /// The next sample; nil if there is none.
    func apply(to bytes: ByteView, _ literals: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        switch self {
        case .isMQTT:
            switch MQTTMessage.read(bytes) {
            case .message: return .boolean(true)
            case .invalid: return .boolean(false)
            case .incomplete: return nil
            }
        case .mqttField(let pick):
            guard case .message(let message) = MQTTMessage.read(bytes), message.isClients == pick.isClients,
                let value = message.value(of: pick.field)
            else { return nil }
            switch value {
            case .text(let text): return .string(text)
            case .number(let number):
                return workspace.write { $0.append(decimal: Int64(clamping: number)) }.map { .string($0) }
            }
        case .protobuf(let path, let type, let isFramed):
            let path = ProtobufPath(literals[path])
            return (isFramed ? path.find(inFrames: bytes) : path.find(in: bytes)).flatMap {
                $0.sample(as: type)
            }
        case .chunks(let kind, let separator, let size, let dropsRest):
            return workspace.write {
                PayloadStep.write(bytes, kind, literals[separator], size, dropsRest, to: &$0)
            }.map { .string($0) }
        case .parameter(let name, let delimiter):
            return PayloadStep.value(of: literals[name], in: bytes, delimiter).map { .string($0) }
        case .cutLine:
            let ends = [bytes.firstIndex(of: 0x0A), bytes.firstIndex(of: 0x0D)].compactMap { $0 }
            return .string(bytes[0..<(ends.min() ?? bytes.count)])
        case .forwarded(let part): return ForwardedStep.read(part, of: bytes)
        case .language(let languages, let other):
            let best = LanguageChoice.best(of: literals[languages], for: bytes)
            return (best ?? other.map { literals[$0] }).map { .string($0) }
        }
    }

    private static func write(
        _ bytes: ByteView, _ kind: ByteChunks.Kind, _ separator: ByteView, _ size: Int, _ dropsRest: Bool,
        to output: inout ByteWriter
    ) {
        var at = 0
        while at < bytes.count, !dropsRest || bytes.count - at >= size {
            if at > 0 { output.append(separator) }
            let end = min(bytes.count, at + size)
            var number: UInt64 = 0
            for i in at..<end {
                if kind == .be2hex { output.append(hexadecimal: UInt64(bytes[i]), atLeast: 2) }
                number =
                    kind == .le2dec
                    ? number | UInt64(bytes[i]) << (8 * UInt64(i - at)) : number << 8 | UInt64(bytes[i])
            }
            if kind != .be2hex {
                // The writer knows signed numbers alone.
                if number > UInt64(Int64.max) {
                    output.append(decimal: Int64(number / 10))
                    output.append(decimal: Int64(number % 10))
                } else {
                    output.append(decimal: Int64(number))
                }
            }
            at = end
        }
    }

    private static func value(of name: ByteView, in list: ByteView, _ delimiter: UInt8) -> ByteView? {
        var at = 0
        while at < list.count {
            let end = list.firstIndex(of: delimiter, from: at) ?? list.count
            let entry = list[at..<end]
            if entry.hasPrefix(name) {
                if entry.count == name.count { return .empty }
                if entry[name.count] == UInt8(ascii: "=") { return entry[name.count + 1..<entry.count] }
            }
            at = end + 1
        }
        return nil
    }
}
