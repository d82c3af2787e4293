import Basics
import Model
import Wire

/// What expressions read of what TLS clients have offered.
extension Worker {
    /// A part of an offer; nil where none is kept.
    func read(
        _ read: OfferRead, of client: Ref<ClientConnection>, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        let carrier = carrier(of: client)
        guard let offer = carrier[].transport.tls?.offer else { return nil }
        switch read.part {
        case .version: return .integer(Int64(offer.version))
        case .cipherHash: return .integer(Int64(bitPattern: offer.hash))
        case .cipherNames:
            return workspace.write { writer in
                for (place, number) in read.numbers(offer.ciphers).enumerated() {
                    if place > 0 { writer.append(",") }
                    guard let name = carrier[].transport.tls?.cipherName(of: number) else {
                        writer.append("UNKNOWN(")
                        writer.append(hex: number)
                        writer.append(")")
                        continue
                    }
                    writer.append(name)
                }
            }.map { .string($0) }
        case .cipherDigits:
            return workspace.write { writer in
                for number in read.numbers(offer.ciphers) { writer.append(hex: number, isUpper: true) }
            }.map { .binary($0) }
        case .pointFormats: return kept(offer.pointFormats, &workspace)
        case .ciphers: return kept(read.list(offer.ciphers), &workspace)
        case .extensions: return kept(read.list(offer.extensions), &workspace)
        case .groups: return kept(read.list(offer.groups), &workspace)
        case .versions: return kept(read.list(offer.versions), &workspace)
        case .signatures: return kept(read.list(offer.signatures), &workspace)
        }
    }

    private func kept(_ bytes: [UInt8], _ workspace: inout SampleWorkspace) -> Sample? {
        workspace.write { writer in bytes.withView { writer.append($0) } }.map { .binary($0) }
    }
}

extension OfferRead {
    /// A list of numbers of two bytes without those that are to be left out.
    func list(_ bytes: [UInt8]) -> [UInt8] {
        guard leavesOutMadeUp else { return bytes }
        return numbers(bytes).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    /// The same as numbers.
    func numbers(_ bytes: [UInt8]) -> [UInt16] {
        stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
            .filter { !leavesOutMadeUp || !OfferRead.isMadeUp($0) }
    }

    /// `0x?A?A` with both the same (RFC 8701).
    private static func isMadeUp(_ number: UInt16) -> Bool {
        number >> 8 == number & 0xFF && number & 0xF == 0xA
    }
}

extension ByteWriter {
    /// Four hexadecimal digits.
    fileprivate mutating func append(hex number: UInt16, isUpper: Bool = false) {
        let digits: StaticString = isUpper ? "0123456789ABCDEF" : "0123456789abcdef"
        for shift in [12, 8, 4, 0] { append(digits.view[Int(number >> UInt16(shift) & 0xF)]) }
    }
}
