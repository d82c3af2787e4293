import Basics
import Testing

@testable import Wire

@Suite("Compressor", .timeLimit(.minutes(5)))
struct CompressorTests {
    private let pool = CompressorPool(limit: 8, keep: 2)

    private func run(_ coding: ContentCoding, level: Int = 4) throws -> CompressionRun {
        CompressionRun(try #require(pool.take(coding, level: level)))
    }

    @Test(
        "what it makes is read back by its library's decoder, at every level",
        arguments: ContentCoding.allCases)
    func levels(coding: ContentCoding) throws {
        let text = CompressionBodies.text(50_000)
        for level in coding.levels where level < 10 {
            var run = try run(coding, level: level)
            try run.all(text, size: 50_000, room: 65_536)
            #expect(Decompression.decoded(run.output, coding) == text)
            #expect(level == 0 && coding != .brotli || run.output.count < text.count / 2)
            pool.takeBack(run.compressor)
        }
    }

    @Test(
        "neither pieces of input nor room for output make a difference to the reader",
        arguments: ContentCoding.allCases)
    func pieces(coding: ContentCoding) throws {
        let text = CompressionBodies.text(20_000)
        for (size, room) in [(1, 64), (7, 16), (999, 17), (20_000, 16), (4_096, 100_000)] {
            var run = try run(coding)
            try run.all(text, size: size, room: room)
            #expect(Decompression.decoded(run.output, coding) == text, "\(size) bytes, room for \(room)")
            pool.takeBack(run.compressor)
        }
    }

    @Test("an empty body has an end", arguments: ContentCoding.allCases)
    func empty(coding: ContentCoding) throws {
        var run = try run(coding)
        try run.feed([], .finish)
        #expect(!run.output.isEmpty)
        #expect(Decompression.decoded(run.output, coding) == [])
    }

    @Test("after a flush everything given so far can be read", arguments: ContentCoding.allCases)
    func flush(coding: ContentCoding) throws {
        var run = try run(coding)
        var given: [UInt8] = []
        for piece in [1, 100, 3_000, 50_000] {
            let bytes = CompressionBodies.text(piece)
            given += bytes
            try run.feed(bytes, .flush, room: piece == 100 ? 16 : 1_000)
            #expect(Decompression.decoded(run.output, coding, isWhole: false) == given)
            #expect(Decompression.decoded(run.output, coding) == nil)
        }
        try run.feed([], .flush)
        try run.feed([], .finish)
        #expect(Decompression.decoded(run.output, coding) == given)
    }

    @Test("without flush it keeps back what a little text comes to", arguments: ContentCoding.allCases)
    func keepsBack(coding: ContentCoding) throws {
        var run = try run(coding)
        try run.feed(CompressionBodies.text(200))
        #expect(run.output.count <= 10)
    }

    @Test("with too little room it does nothing", arguments: ContentCoding.allCases)
    func stuck(coding: ContentCoding) throws {
        let run = try run(coding)
        var buffer = Buffer(capacity: 15)
        for purpose in [CompressionPurpose.run, .flush, .finish] {
            let step = CompressionBodies.text(100).withView {
                run.compressor.compress($0, into: &buffer, purpose)
            }
            #expect(step == CompressionStep(consumed: 0, produced: 0, isDone: false))
        }
        var none = Buffer()
        let step = CompressionBodies.text(100).withView { run.compressor.compress($0, into: &none, .run) }
        #expect(step == CompressionStep(consumed: 0, produced: 0, isDone: false))
    }

    @Test("appends behind what waits in the buffer", arguments: ContentCoding.allCases)
    func behind(coding: ContentCoding) throws {
        let run = try run(coding)
        var buffer = Buffer(capacity: 1_000)
        buffer.append("before")
        let step = CompressionBodies.text(10).withView { run.compressor.compress($0, into: &buffer, .finish) }
        let bytes = buffer.view.bytes
        #expect(step == CompressionStep(consumed: 10, produced: bytes.count - 6, isDone: true))
        #expect(Decompression.decoded(Array(bytes.dropFirst(6)), coding) == CompressionBodies.text(10))
    }

    @Test("behind its end it takes and gives nothing", arguments: ContentCoding.allCases)
    func ended(coding: ContentCoding) throws {
        var run = try run(coding)
        try run.all(CompressionBodies.text(10), size: 10, room: 100)
        var buffer = Buffer(capacity: 100)
        for purpose in [CompressionPurpose.run, .flush, .finish] {
            let none = run.compressor.compress(.empty, into: &buffer, purpose)
            #expect(none == CompressionStep(consumed: 0, produced: 0, isDone: true))
            let more = [UInt8](repeating: 1, count: 5).withView {
                run.compressor.compress($0, into: &buffer, purpose)
            }
            #expect(more == CompressionStep(consumed: 0, produced: 0, isDone: false))
        }
    }

    @Test("noise grows by a thousandth at most", arguments: ContentCoding.allCases)
    func noise(coding: ContentCoding) throws {
        let noise = CompressionBodies.noise(300_000)
        var run = try run(coding, level: 1)
        try run.all(noise, size: 16_384, room: 16_384)
        #expect(run.output.count < noise.count + noise.count / 1_000 + 64)
        #expect(Decompression.decoded(run.output, coding) == noise)
    }

    @Test("bodies begin as their coding does")
    func heads() throws {
        let heads: [ContentCoding: [UInt8]] = [
            .gzip: [0x1F, 0x8B, 8], .deflate: [0x78], .zstd: [0x28, 0xB5, 0x2F, 0xFD],
        ]
        for (coding, head) in heads {
            var run = try run(coding)
            try run.all(CompressionBodies.text(100), size: 100, room: 1_000)
            #expect(run.output.starts(with: head))
        }
    }

    @Test("a level may change in the middle of a body", arguments: ContentCoding.allCases)
    func changedLevel(coding: ContentCoding) throws {
        let text = CompressionBodies.text(5_000)
        var run = try run(coding, level: 1)
        for level in [1, 0, 9, 3, 100, -5, 1] {
            run.compressor.change(level: level)
            try run.feed(text, level % 2 == 0 ? .flush : .run, room: 40)
        }
        try run.feed([], .finish)
        #expect(Decompression.decoded(run.output, coding) == Array(repeating: text, count: 7).flatMap(\.self))
    }

    @Test(
        "holds no more memory than it says",
        arguments: [
            (.gzip, 300_000), (.deflate, 300_000), (.rawDeflate, 300_000), (.brotli, 2_500_000),
            (.zstd, 2_000_000),
        ] as [(ContentCoding, Int)])
    func memory(coding: ContentCoding, most: Int) throws {
        var run = try run(coding, level: coding == .zstd ? 3 : 4)
        try run.all(CompressionBodies.text(1_000_000), size: 16_384, room: 16_384)
        #expect(run.compressor.memory > 10_000)
        #expect(run.compressor.memory < most)
    }

    @Test("has the names of the registry")
    func tokens() {
        #expect(
            ContentCoding.allCases.map { $0.token.view.text } == ["gzip", "deflate", "deflate", "br", "zstd"])
    }
}
