import Basics
import Model
import Wire

/// Idle connections to servers: per worker and server, the most recently used first.
extension Worker {
    /// The longest that a connection is kept while nobody uses it (ms).
    static let longestIdle = 3_600_000

    /// Keeps a connection whose exchange is over, if it may be used again.
    func keepOrClose(_ connection: Ref<ServerConnection>, mayKeep: Bool, limit: Int) {
        let place = connection[].place
        connection[].exchange = nil
        let isOwned = connection[].owner != nil
        guard mayKeep, !place[].isRetired,
            isOwned ? limit > 0 : place[].idleCount.value < UInt64(limit),
            !connection[].transport.peerHasClosed, !connection[].transport.isStream,
            connection[].output.isEmpty, isQuiet(connection),
            !reserve.contains(connection[].transport.descriptor)
        else { return close(connection) }
        headBuffers.takeBack(&connection[].input)
        bodyBuffers.takeBack(&connection[].output)
        if isOwned { return keepForOwner(connection) }
        connection[].phase = .idle
        connection[].previous = nil
        connection[].next = place[].idle
        place[].idle?[].previous = connection
        place[].idle = connection
        place[].idleCount.add()
        setTimer(connection, connection[].idleLifetime)
    }

    func takeFromPool(_ connection: Ref<ServerConnection>) {
        let place = connection[].place
        if let previous = connection[].previous {
            previous[].next = connection[].next
        } else {
            place[].idle = connection[].next
        }
        connection[].next?[].previous = connection[].previous
        connection[].previous = nil
        connection[].next = nil
        place[].idleCount.subtract()
        connection[].phase = .active
    }

    func close(_ connection: Ref<ServerConnection>) {
        guard !connection[].transport.isClosed else { return }
        if connection[].phase == .idle {
            if connection[].owner == nil { takeFromPool(connection) } else { takeFromOwner(connection) }
        } else if connection[].phase == .connecting, connection[].carrier == nil {
            endDialing(connection)
        }
        if connection[].hasYielded { yielded.removeAll { $0 == connection } }
        if connection[].transport.hasSocket {
            counters[].openServers.subtract()
            leaveTLS(with: connection[].server)
        }
        connection[].transport.close()
        timers.remove(connection[].timer)
        if connection[].carrier != nil { dropCarrier(of: connection) }
        if let answer = connection[].fastCGI { fastCGIAnswers.remove(answer) }
        headBuffers.takeBack(&connection[].input)
        bodyBuffers.takeBack(&connection[].output)
        connection[].exchange = nil
        connection[].server.release()
        servers.remove(connection)
    }

    func serverEvent(_ connection: Ref<ServerConnection>, _ readiness: Readiness) {
        guard !connection[].transport.isClosed else { return }
        connection[].transport.note(readiness)
        switch connection[].phase {
        case .connecting where connection[].carrier != nil:
            if connection[].transport.canWrite { carrierConnected(connection) }
        case .handshake where connection[].carrier != nil: continueCarrierTLS(connection)
        case .connecting, .handshake:
            let isConnecting = connection[].phase == .connecting
            guard !isConnecting || connection[].transport.canWrite else { return }
            let client = connection[].exchange?[].client
            if isConnecting { connectionReady(connection) } else { continueTLS(connection) }
            if connection[].phase == .active, connection[].transport.canRead,
                let exchange = connection[].exchange
            {
                serverAdvance(exchange, connection)
            }
            if let client { resume(client) }
        case .idle:
            // The server has closed, or says something nobody asked for.
            if !isQuiet(connection) { close(connection) }
        case .carrying: advanceCarrier(connection)
        case .active:
            guard let exchange = connection[].exchange else { return close(connection) }
            let client = exchange[].client
            serverAdvance(exchange, connection)
            resume(client)
        }
    }

    /// Leaves the rest of a large body for the next round: other connections have their turn before.
    func yieldTurn(_ connection: Ref<ServerConnection>) {
        guard !connection[].hasYielded else { return }
        connection[].hasYielded = true
        if let exchange = connection[].exchange { setTimer(connection, timeouts(of: exchange).server) }
        yielded.append(connection)
    }

    /// Goes on with what yielded in the last round.
    func resumeYielded() {
        guard !yielded.isEmpty else { return }
        let waiting = yielded
        yielded = []
        moved = 0
        var i = 0
        while i < waiting.count, moved < Sizes.turn {
            waiting[i][].hasYielded = false
            serverEvent(waiting[i], [])
            i &+= 1
        }
        guard i < waiting.count else { return }
        // Who has not had its turn is first next time.
        yielded = waiting[i...].filter { !$0[].transport.isClosed } + yielded
    }

    func serverTimeout(_ connection: Ref<ServerConnection>) {
        guard !connection[].transport.isClosed else { return }
        switch connection[].phase {
        case .connecting, .handshake:
            let client = connection[].exchange?[].client
            connectFailed(connection, isTimeout: true)
            if let client { resume(client) }
        case .idle: close(connection)
        case .carrying: carrierTimeout(connection)
        case .active:
            guard let exchange = connection[].exchange else { return close(connection) }
            let client = exchange[].client
            serverSilent(exchange)
            resume(client)
        }
    }
}
