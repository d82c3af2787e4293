import Basics
import Testing

@testable import Wire

@Suite("FastCGIRecord")
struct FastCGIRecordTests {
    private func written(_ body: (inout Buffer) -> Void) -> [UInt8] {
        var output = Buffer(capacity: 200_000)
        body(&output)
        return output.view.bytes
    }

    @Test("a request begins as a responder's, and says whether the connection is to be kept")
    func begin() {
        let kept = written { $0.appendRecordThatBegins(keepsConnection: true) }
        #expect(kept == [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0])
        let closed = written { $0.appendRecordThatBegins(keepsConnection: false) }
        #expect(closed == [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    }

    @Test("a head says its content's length in two bytes")
    func heads() {
        #expect(written { $0.append(record: .input, count: 0) } == [1, 5, 0, 1, 0, 0, 0, 0])
        #expect(written { $0.append(record: .parameters, count: 258) } == [1, 4, 0, 1, 1, 2, 0, 0])
        #expect(written { $0.append(record: .input, count: 65_528) } == [1, 5, 0, 1, 255, 248, 0, 0])
        #expect(written { $0.append(record: .input, count: 65_529) } == [])
    }

    @Test(
        "a pair's lengths take one byte up to 127, else four",
        arguments: [
            (0, [0] as [UInt8]), (1, [1]), (127, [127]), (128, [128, 0, 0, 128]), (255, [128, 0, 0, 255]),
            (256, [128, 0, 1, 0]), (70_000, [128, 1, 17, 112]),
        ])
    func pairs(count: Int, length: [UInt8]) {
        let text = [UInt8](repeating: 0x61, count: count)
        let received = ReceivedBytes(text)
        let name = ReceivedBytes(Array("N".utf8))
        let bytes = written { output in
            output.write { $0.append(parameter: name.prefix(1), received.prefix(count)) }
        }
        #expect(bytes == [1] + length + [0x4E] + text)
        let reversed = written { output in
            output.write { $0.append(parameter: received.prefix(count), name.prefix(1)) }
        }
        #expect(reversed == length + [1] + text + [0x4E])
    }

    @Test("what does not fit is not written at all")
    func room() {
        var output = Buffer(capacity: 10)
        let hasBegun = output.appendRecordThatBegins(keepsConnection: true)
        var small = Buffer(capacity: 4)
        let fits = small.append(record: .input, count: 1)
        let count = small.count
        #expect(!hasBegun && !fits && count == 0)
    }
}
