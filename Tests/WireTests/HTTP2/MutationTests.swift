import Basics
import Testing

@testable import Wire

/// Whatever comes, nothing traps, nothing is lost, and the same bytes mean the same however they are cut.
@Suite("HTTP/2 mutations")
struct MutationTests {
    private static let material: [[UInt8]] =
        (FrameRows.all + StreamRows.all + MessageRows.all).map(\.bytes).filter { $0.count < 3_000 }

    private static let answers: [[UInt8]] = AnswerRows.all.map(\.bytes)

    /// Some rows behind each other, with a few bytes changed, left out or put in.
    private func mutated(_ material: [[UInt8]], _ random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            bytes += material.randomElement(using: &random) ?? []
        }
        for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.remove(at: at)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
            case 2: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            default: bytes[at] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    /// What an owner that does everything would do.
    private func play(_ endpoint: Endpoint, _ bytes: [UInt8], cuts: [Int]) -> [String] {
        endpoint.onNews = { [unowned endpoint] stream, news in
            guard endpoint.context.isServer, news.contains(.head) else { return }
            switch stream[].id % 8 {
            case 1: endpoint.respond(stream, 200, "hello", trailers: "x: y\r\n")
            case 3: endpoint.respond(stream, 204)
            case 5: endpoint.session.reset(stream, .cancel)
            default: break
            }
        }
        endpoint.receive(bytes, cuts: cuts)
        endpoint.send()
        let result = endpoint.heard.filter { !$0.hasPrefix("readable") && !$0.hasPrefix("writable") }
        endpoint.session.close()
        endpoint.readNews()
        return result.sorted() + ["\(endpoint.goaway.map(String.init) ?? "-")"]
    }

    @Test("a server survives", arguments: 0..<40 as Range<UInt64>)
    func server(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let bytes = mutated(Self.material, &random)
            let cuts = (0..<5).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
            let (whole, parted) = (try openServer(), try openServer())
            let (one, other) = (play(whole, bytes, cuts: []), play(parted, bytes, cuts: cuts))
            // A peer that has said GOAWAY is not listened to between two reads if nothing is open.
            if !ReadFrame.all(bytes).contains(where: { $0.kind == .goaway }) {
                #expect(one == other, "\(bytes) cut at \(cuts)")
            }
            #expect(whole.context.streams.count == 0)
            #expect(parted.context.bodies.lent == 0)
            #expect(parted.context.pieces.lent == 0)
            #expect(parted.context.heads.lent == 0)
        }
    }

    @Test("a client survives", arguments: 0..<20 as Range<UInt64>)
    func client(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let client = try openClient()
            for _ in 0..<3 { _ = client.request("POST", hasBody: true) }
            client.send()
            let bytes = mutated(Self.answers, &random)
            let cuts = (0..<5).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
            _ = play(client, bytes, cuts: cuts)
            #expect(client.context.streams.count == 0)
            #expect(client.context.bodies.lent == 0)
            #expect(client.context.pieces.lent == 0)
            #expect(client.context.heads.lent == 0)
        }
    }

    @Test(
        "noise behind the preface ends the connection or is passed over", arguments: 0..<20 as Range<UInt64>)
    func noise(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let server = try openServer()
            server.receive((0..<500).map { _ in UInt8.random(in: 0...255, using: &random) })
            server.send()
            server.session.close()
            server.readNews()
            #expect(server.context.streams.count == 0)
        }
    }
}
