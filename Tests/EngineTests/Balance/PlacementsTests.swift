import Basics
import Model
import Testing
import Wire

@testable import Engine

/// The same requests to the same servers as haproxy 2.6.12 sends them to, recorded from the real one.
@Suite("Placements")
struct PlacementsTests {
    private static let placements = Result { try Placements() }
    private static let cases = (try? placements.get().cases) ?? []

    @Test("the recording is there and covers what it should")
    func recording() throws {
        let placements = try Self.placements.get()
        #expect(placements.haproxy == "2.6.12-1+deb12u4")
        #expect(placements.requests.count == 200)
        #expect(placements.cases.count == 108)
        #expect(placements.cases.allSatisfy { $0.picks.count == 200 })
    }

    @Test("every request goes where HAProxy sends it, in its order", arguments: cases.filter { !$0.isSmooth })
    func exact(one: Placements.Case) throws {
        let (picks, expected) = (try picks(of: one), one.picks)
        let differences = expected.indices.filter { picks[$0] != expected[$0] }
        let requests = try Self.placements.get().requests
        #expect(
            differences.isEmpty, "\(differences.prefix(5).map { (picks[$0], expected[$0], requests[$0]) })")
    }

    @Test(
        "round robin with weights has HAProxy's shares, if not its order", arguments: cases.filter(\.isSmooth)
    )
    func shares(one: Placements.Case) throws {
        let (picks, expected) = (try picks(of: one), one.picks)
        for server in one.weights.indices {
            let (ours, theirs) = (picks.count { $0 == server }, expected.count { $0 == server })
            #expect(abs(ours - theirs) <= 1, "server \(server)")
        }
    }

    private func picks(of one: Placements.Case) throws -> [Int?] {
        var problem: (any Error)?
        let pool = TestPool(weights: one.weights, down: one.disabled) { model in
            do { try one.apply(to: &model) } catch { problem = error }
        }
        if let problem { throw problem }
        return try Self.placements.get().requests.map { request in
            let hash = try hash(of: request, for: pool.set)
            return pool.place(of: pool.picks(1, hash: hash)[0])
        }
    }

    private func hash(of request: Placements.Request, for set: ServerSet) throws -> UInt32? {
        let client = try #require(SocketAddress(request.source, port: 1234))
        var input = Buffer(capacity: request.head.utf8.count)
        request.head.withView { _ = input.append($0) }
        let bytes = input.view
        let pool = HeaderTablePool(keep: 1)
        var head = RequestHead()
        pool.lend(to: &head.fields)
        let progress = head.parse(bytes)
        guard case .complete = progress else {
            throw UnreadableRequest(description: "\(request): \(progress)")
        }
        return RequestHash(algorithm: set.settings.algorithm, type: set.settings.hashType)
            .of(
                client: client, target: bytes[head.target.indices], fields: head.fields, in: bytes,
                keyName: set.keyName.view)
    }
}

private struct UnreadableRequest: Error, CustomStringConvertible {
    let description: String
}

extension Placements.Case {
    /// Weighted round robin is spread as evenly as HAProxy's, in an order of its own.
    fileprivate var isSmooth: Bool { balance == "roundrobin" && Set(weights).count > 1 }
}
