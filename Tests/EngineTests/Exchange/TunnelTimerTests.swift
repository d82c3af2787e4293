import Model
import Testing

@testable import Engine

@Suite("Tunnel timer")
struct TunnelTimerTests {
    private static let open = TunnelTimer.State()
    private static let half = TunnelTimer.State(isHalfClosed: true)
    private static let clientFull = TunnelTimer.State(clientIsFull: true)
    private static let serverFull = TunnelTimer.State(serverIsFull: true)
    private static let bothFull = TunnelTimer.State(clientIsFull: true, serverIsFull: true)

    /// Limits, in the order of HAProxy's names: client, server, tunnel, client-fin, server-fin.
    struct Row: Sendable, CustomTestStringConvertible {
        var limits: [Int]
        var state: TunnelTimer.State
        var limit: Int
        var side: TunnelTimer.Side
        var testDescription: String { "\(limits) \(state)" }
    }

    private static let rows: [Row] = [
        // One limit for the tunnel stands in for both.
        Row(limits: [60, 50, 3600, 0, 0], state: open, limit: 3600, side: .client),
        Row(limits: [60, 50, 3600, 0, 0], state: half, limit: 3600, side: .client),
        Row(limits: [60, 50, 3600, 0, 0], state: serverFull, limit: 3600, side: .server),
        Row(limits: [60, 50, 3600, 0, 0], state: clientFull, limit: 3600, side: .client),
        // Without it the shorter one of the two.
        Row(limits: [60, 50, 0, 0, 0], state: open, limit: 50, side: .server),
        Row(limits: [50, 60, 0, 0, 0], state: open, limit: 50, side: .client),
        Row(limits: [50, 50, 0, 0, 0], state: open, limit: 50, side: .client),
        Row(limits: [0, 50, 0, 0, 0], state: open, limit: 50, side: .server),
        Row(limits: [50, 0, 0, 0, 0], state: open, limit: 50, side: .client),
        Row(limits: [0, 0, 0, 0, 0], state: open, limit: 0, side: .client),
        // Who does not take what waits for him is to blame, whatever the other's limit.
        Row(limits: [60, 50, 0, 0, 0], state: clientFull, limit: 60, side: .client),
        Row(limits: [50, 60, 0, 0, 0], state: serverFull, limit: 60, side: .server),
        Row(limits: [50, 0, 0, 0, 0], state: serverFull, limit: 0, side: .server),
        Row(limits: [60, 50, 0, 0, 0], state: bothFull, limit: 50, side: .server),
        // One side has ended.
        Row(limits: [60, 50, 0, 5, 0], state: half, limit: 5, side: .client),
        Row(limits: [60, 50, 0, 0, 5], state: half, limit: 5, side: .server),
        Row(limits: [60, 50, 3600, 5, 0], state: half, limit: 5, side: .client),
        Row(limits: [60, 50, 3600, 0, 5], state: half, limit: 5, side: .server),
        Row(limits: [60, 50, 3600, 7, 5], state: half, limit: 5, side: .server),
        Row(limits: [60, 50, 3600, 5, 5], state: half, limit: 5, side: .client),
        Row(limits: [60, 50, 3600, 5, 5], state: open, limit: 3600, side: .client),
        Row(limits: [0, 0, 0, 5, 0], state: half, limit: 5, side: .client),
        // Nobody's limits are of use.
        Row(limits: [-1, -1, -1, -1, -1], state: half, limit: 0, side: .client),
        Row(limits: [-1, 9, -1, -1, -1], state: open, limit: 9, side: .server),
    ]

    @Test("the shorter limit counts, and its side is to blame unless the other is full", arguments: rows)
    func rule(row: Row) {
        var client = ClientTimeouts()
        var server = ServerTimeouts()
        (client.client, client.halfClosed) = (row.limits[0], row.limits[3])
        (server.server, server.tunnel, server.halfClosed) = (row.limits[1], row.limits[2], row.limits[4])
        let timer = TunnelTimer(client: client, server: server, row.state)
        #expect(timer.limit == row.limit)
        #expect(timer.side == row.side)
    }
}
