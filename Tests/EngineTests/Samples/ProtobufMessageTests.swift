import Basics
import Model
import Testing

@testable import Engine

@Suite("Messages of protocol buffers")
struct ProtobufMessageTests {
    // MARK: Writing them

    private func varint(_ value: UInt64) -> [UInt8] {
        var (rest, bytes): (UInt64, [UInt8]) = (value, [])
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    private func number(_ field: UInt64, _ value: UInt64) -> [UInt8] { varint(field << 3) + varint(value) }

    private func bytes(_ field: UInt64, _ value: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(UInt64(value.count)) + value
    }

    private func fixed(_ field: UInt64, _ value: UInt64, count: Int) -> [UInt8] {
        let low = (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
        return varint(field << 3 | (count == 8 ? 1 : 5)) + low
    }

    private func frame(_ message: [UInt8], isCompressed: Bool = false) -> [UInt8] {
        let count = (0..<4).map { UInt8(truncatingIfNeeded: message.count >> (24 - 8 * $0)) }
        return [isCompressed ? 1 : 0] + count + message
    }

    // MARK: Reading them

    private func found(_ path: [UInt32], _ type: ProtobufType?, _ message: [UInt8], isFramed: Bool = false)
        -> String
    {
        let numbers = path.flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
        }
        return numbers.withView { numbers in
            message.withView { message in
                let path = ProtobufPath(numbers)
                let value = isFramed ? path.find(inFrames: message) : path.find(in: message)
                switch value?.sample(as: type) {
                case .integer(let number)?: return "\(number)"
                case .binary(let bytes)?:
                    return bytes.bytes.map { String($0, radix: 16) }.joined(separator: " ")
                case .some: return "something else"
                case nil: return "none"
                }
            }
        }
    }

    @Test("numbers of every type, as they are and as bytes")
    func numbers() {
        let message =
            number(1, 300) + number(2, UInt64(bitPattern: -5)) + number(3, 9)
            + fixed(4, 0xFFFF_FFFE, count: 4)
            + fixed(5, UInt64(bitPattern: -2), count: 8) + fixed(6, UInt64(Float(-2.75).bitPattern), count: 4)
            + fixed(7, (1e10 + 0.5).bitPattern, count: 8) + number(8, 1)
        #expect(found([1], .int32, message) == "300" && found([1], nil, message) == "ac 2")
        #expect(found([2], .int64, message) == "-5" && found([2], .uint64, message) == "-5")
        #expect(found([3], .sint32, message) == "-5" && found([3], .sint64, message) == "-5")
        #expect(found([4], .fixed32, message) == "4294967294" && found([4], .sfixed32, message) == "-2")
        #expect(
            found([5], .fixed64, message) == "-2" && found([5], nil, message) == "fe ff ff ff ff ff ff ff")
        #expect(found([6], .float, message) == "-2" && found([7], .double, message) == "10000000000")
        #expect(found([8], .bool, message) == "1" && found([8], .enumeration, message) == "1")
    }

    @Test("a number that is none of the type's kind, or no number at all, is no sample")
    func kinds() {
        let message =
            number(1, 1) + fixed(2, Double.nan.bitPattern, count: 8)
            + fixed(3, Double.infinity.bitPattern, count: 8)
        #expect(found([1], .fixed32, message) == "none" && found([2], .int32, message) == "none")
        #expect(found([2], .double, message) == "none" && found([3], .double, message) == "none")
        #expect(found([9], nil, message) == "none" && found([1], nil, []) == "none")
        #expect(found([1], .int32, bytes(1, [1])) == "none")
    }

    @Test("a path leads through messages; of repeated ones the first that has it")
    func nested() {
        let inner = bytes(3, bytes(2, Array("ab".utf8)) + number(5, 7))
        let message =
            number(3, 4) + bytes(3, number(9, 1)) + bytes(3, bytes(3, number(5, 6))) + bytes(3, inner)
        #expect(found([3, 3, 2], nil, message) == "61 62")
        #expect(found([3, 3, 5], .int32, message) == "6")
        #expect(found([3, 9], .int32, message) == "1")
        #expect(found([3, 3, 3], nil, message) == "none")
        #expect(found([3], .int32, message) == "4")
    }

    @Test("frames of gRPC, but for compressed ones and those that have not come")
    func frames() {
        let (one, two) = (number(1, 11), number(2, 22))
        let both = frame(one) + frame([]) + frame(two)
        #expect(
            found([1], .int32, both, isFramed: true) == "11"
                && found([2], .int32, both, isFramed: true) == "22")
        #expect(
            found([1], .int32, frame(one, isCompressed: true) + frame(number(1, 5)), isFramed: true) == "5")
        #expect(found([2], .int32, Array(both.dropLast()), isFramed: true) == "none")
        #expect(found([1], .int32, Array(both.dropLast()), isFramed: true) == "11")
        #expect(found([1], .int32, [0, 0, 0, 0], isFramed: true) == "none")
        #expect(found([1], nil, [0, 0xFF, 0xFF, 0xFF, 0xFF, 8, 1], isFramed: true) == "none")
    }

    @Test("what is cut, too long or of an unknown kind ends what can be read")
    func broken() {
        let message = bytes(1, bytes(2, [1, 2, 3])) + number(4, 300)
        for count in 0..<message.count {
            #expect(found([4], .int32, Array(message[..<count])) == "none", "\(count)")
        }
        let eleven = [UInt8](repeating: 0xFF, count: 10) + [1]
        #expect(found([1], nil, [8] + eleven) == "none")
        #expect(
            found([2], .int32, [11] + number(2, 1)) == "none"
                && found([2], .int32, [12] + number(2, 1)) == "none")
        #expect(found([1], nil, [10] + varint(.max) + [1]) == "none")
    }

    @Test("no bytes of an enemy lead behind the end or go on without one")
    func garbage() {
        var state: UInt64 = 11
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        let seed = bytes(1, bytes(1, bytes(1, number(1, 1)))) + number(2, 300) + fixed(3, 5, count: 8)
        let path = [UInt32](repeating: 1, count: 16)
        for _ in 0..<20_000 {
            var message =
                next() % 2 == 0 ? seed : (0..<next() % 40).map { _ in UInt8(truncatingIfNeeded: next()) }
            for _ in 0..<next() % 4 where !message.isEmpty {
                message[Int(next() % UInt64(message.count))] = UInt8(truncatingIfNeeded: next())
            }
            let depth = Int(next() % 16) + 1
            let type = ProtobufType.allCases[Int(next() % 14)]
            #expect(found(Array(path[..<depth]), type, message) != "something else")
            let framed = found(Array(path[..<depth]), nil, frame(message), isFramed: true)
            #expect(framed == found(Array(path[..<depth]), nil, message))
            _ = found(path, nil, message, isFramed: true)
        }
    }
}
