import Basics
import Model
import Wire

/// The end of an exchange: counters, one log line, everything given back, the connection ready for the next request.
extension Worker {
    func finish(_ exchange: Ref<Exchange>, as termination: Termination, keepsClient: Bool) {
        let client = exchange[].client
        exchange[].termination = termination
        if exchange[].phase == .queued { dequeue(exchange) }
        dropServer(exchange)
        leaveServer(exchange)
        if exchange[].countsSomewhere { leaveCounts(exchange) }
        count(exchange)
        if !exchange[].isQuiet { writeLogLine(exchange) }
        if exchange[].initialBody > 0, client[].input.hasMemory {
            client[].input.consume(exchange[].initialBody)
        }
        if let channel = client[].transport.channel, exchange[].phase == .done, client[].output.isEmpty {
            channel.finish(trailers: exchange[].trailers.view)
        }
        let hasUnreadBody = !exchange[].requestBody.isComplete || exchange[].headAt == 0
        release(exchange)
        client[].exchange = nil
        client[].hasEnded = false
        if keepsClient {
            client[].phase = .request
            setTimer(client, settings(of: client).timeouts.keepAlive)
        } else {
            endConnection(client, hasUnreadBody: hasUnreadBody)
        }
    }

    private func endConnection(_ client: Ref<ClientConnection>, hasUnreadBody: Bool) {
        if client[].transport.isStream { return endStream(client) }
        guard client[].output.isEmpty else {
            client[].closesAfterFlush = true
            client[].phase = .lingering
            return
        }
        // A close with bytes unread would reset the connection and could destroy the answer on its way.
        if hasUnreadBody || client[].transport.canRead || !client[].input.isEmpty {
            linger(client)
        } else {
            close(client)
        }
    }

    private func release(_ exchange: Ref<Exchange>) {
        tables.takeBack(&exchange[].request.fields)
        tables.takeBack(&exchange[].response.fields)
        trailerBuffers.takeBack(&exchange[].trailers)
        headBuffers.takeBack(&exchange[].resolvedPath)
        if exchange[].worksOnBody { endWork(exchange) }
        exchange[].savedLine?.release()
        if exchange[].ownsReferences { releaseReferences(exchange) } else { unlink(exchange) }
        counters[].activeExchanges.subtract()
        exchanges.remove(exchange)
    }

    private func endWork(_ exchange: Ref<Exchange>) {
        // Each of them is rare.
        if exchange[].compression != nil { endCompression(exchange) }
        if exchange[].storing != nil { endKeeping(exchange) }
        if exchange[].delivery != nil { endDelivery(exchange) }
        if let store = exchange[].variables {
            exchange[].variables = nil
            variableStores.takeBack(store)
        }
        guard let ruling = exchange[].ruling else { return }
        if ruling[].trace.own.isSampled { endTrace(exchange) }
        endRuling(exchange)
    }

    private func unlink(_ exchange: Ref<Exchange>) {
        if let previous = exchange[].previous {
            previous[].next = exchange[].next
        } else {
            oldestExchange = exchange[].next
        }
        if let next = exchange[].next {
            next[].previous = exchange[].previous
        } else {
            newestExchange = exchange[].previous
        }
    }

    /// Takes references of its own to what the exchange points to, so that a long answer, upload or tunnel keeps only
    /// that alive and not every configuration since its beginning. Gives up the head's bytes if they are done with.
    func ownReferences(_ exchange: Ref<Exchange>) {
        let client = exchange[].client
        if !exchange[].ownsReferences {
            exchange[].ownsReferences = true
            unlink(exchange)
            _ = exchange[].route?.retain()
            _ = exchange[].backend?.retain()
            _ = exchange[].servers?.retain()
            if !exchange[].holdsServers { _ = exchange[].server?.retain() }
            ownTables(exchange)
        }
        guard exchange[].isRequestSent, exchange[].hasAnswered, !exchange[].isSession else { return }
        if let channel = client[].transport.channel {
            // The head stays in the stream.
            channel.discard(exchange[].initialBody)
            exchange[].initialBody = 0
            exchange[].isReplayable = false
            return
        }
        saveLine(exchange)
        tables.takeBack(&exchange[].request.fields)
        if exchange[].initialBody > 0 { client[].input.consume(exchange[].initialBody) }
        exchange[].initialBody = 0
        exchange[].isReplayable = false
        if client[].input.isEmpty { headBuffers.takeBack(&client[].input) }
    }

    private func saveLine(_ exchange: Ref<Exchange>) {
        guard exchange[].savedLine == nil else { return }
        let head = head(of: exchange)
        let target = head[exchange[].request.target.indices]
        exchange[].savedLine = Unmanaged.passRetained(
            SavedLine(
                method: head[exchange[].request.method.indices], target: target[0..<min(target.count, 4096)],
                host: head[exchange[].request.host.indices]))
    }

    /// Keeps the host that a session's client asks for, for its line.
    func saveName(_ exchange: Ref<Exchange>, _ name: ByteView) {
        exchange[].savedLine = Unmanaged.passRetained(SavedLine(method: .empty, target: .empty, host: name))
    }

    private func releaseReferences(_ exchange: Ref<Exchange>) {
        exchange[].route?.release()
        exchange[].backend?.release()
        exchange[].servers?.release()
        if !exchange[].holdsServers { exchange[].server?.release() }
    }
}
