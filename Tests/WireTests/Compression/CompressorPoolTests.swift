import Basics
import Testing

@testable import Wire

@Suite("CompressorPool", .timeLimit(.minutes(5)))
struct CompressorPoolTests {
    @Test("lends no more than its limit, and again what comes back")
    func limit() throws {
        let pool = CompressorPool(limit: 2, keep: 1)
        let first = try #require(pool.take(.gzip, level: 1))
        let second = try #require(pool.take(.zstd, level: 1))
        #expect(pool.take(.gzip, level: 1) == nil)
        #expect(pool.lent == 2)
        pool.takeBack(second)
        #expect(pool.take(.brotli, level: 1) != nil)
        pool.takeBack(first)
        #expect(pool.lent == 1)
    }

    @Test(
        "a compressor that comes back in the middle of a body begins anew", arguments: ContentCoding.allCases)
    func reuse(coding: ContentCoding) throws {
        let pool = CompressorPool(limit: 1, keep: 1)
        let text = CompressionBodies.text(10_000)
        for round in 0..<6 {
            var run = CompressionRun(try #require(pool.take(coding, level: 1 + round)))
            // An answer that is cut: in the middle, in a flush that found no room, behind the end.
            switch round % 3 {
            case 0: try run.feed(text, .run, room: 100)
            case 1:
                var buffer = Buffer(capacity: 20)
                _ = text.withView { run.compressor.compress($0, into: &buffer, .flush) }
            default:
                try run.all(text, size: 3_000, room: 500)
                #expect(Decompression.decoded(run.output, coding) == text)
            }
            pool.takeBack(run.compressor)
        }
    }

    @Test("keeps a compressor with its memory for the next body of its coding")
    func kept() throws {
        let pool = CompressorPool(limit: 1, keep: 5)
        for coding in ContentCoding.allCases {
            let first = try #require(pool.take(coding, level: 1))
            let identity = ObjectIdentifier(first)
            pool.takeBack(first)
            let second = try #require(pool.take(coding, level: 2))
            #expect(second.coding == coding)
            #expect(ObjectIdentifier(second) == identity)
            pool.takeBack(second)
        }
        #expect(pool.lent == 0)
    }

    @Test("a level no library has is the nearest it has")
    func levels() throws {
        let pool = CompressorPool(limit: 20, keep: 0)
        for coding in ContentCoding.allCases {
            for level in [Int.min, -1, 12, Int.max] where !(coding == .zstd && level > 12) {
                var run = CompressionRun(try #require(pool.take(coding, level: level)))
                try run.all([1, 2, 3], size: 3, room: 100)
                #expect(Decompression.decoded(run.output, coding) == [1, 2, 3])
                pool.takeBack(run.compressor)
            }
        }
    }
}

@Suite("MemoryBank")
struct CompressionMemoryBankTests {
    @Test("gives a piece again to who asks for its size")
    func again() {
        let bank = MemoryBank(keep: 1_000)
        let first = bank.take(100)
        #expect(bank.lent == 100)
        bank.giveBack(first)
        #expect((bank.lent, bank.keptBytes) == (0, 100))
        let other = bank.take(101)
        #expect(other != first)
        let again = bank.take(100)
        #expect(again == first)
        #expect((bank.lent, bank.keptBytes) == (201, 0))
        bank.giveBack(other)
        bank.giveBack(again)
        bank.giveBack(nil)
        #expect((bank.lent, bank.keptBytes) == (0, 201))
    }

    @Test("keeps no more than it may")
    func bound() {
        let bank = MemoryBank(keep: 250)
        let pieces = (0..<4).map { _ in bank.take(100) }
        pieces.forEach(bank.giveBack)
        #expect(bank.keptBytes == 200)
        let many = MemoryBank(keep: 1_000_000)
        let small = (0..<100).map { _ in many.take(1) }
        small.forEach(many.giveBack)
        #expect(many.keptBytes == 64)
    }

    @Test("gives pieces that hold any type, and none of an impossible size")
    func alignment() {
        let bank = MemoryBank(keep: 0)
        for size in 1...40 {
            let piece = bank.take(size)
            #expect(piece.map { UInt(bitPattern: $0) % 16 } == 0)
            bank.giveBack(piece)
        }
        #expect(bank.take(.max) == nil)
        #expect(bank.lent == 0)
    }
}
