import Basics
import Model
import Wire

/// Lines of frontends that say themselves what is logged, and to whom.
extension Worker {
    /// Writes the line of an exchange; false if its frontend leaves that to the process's access log.
    func writeFrontendLine(_ exchange: Ref<Exchange>) -> Bool {
        guard let logging = logging(of: exchange[].client) else { return false }
        logging._withUnsafeGuaranteedRef { logging in
            let isError = isWorthTelling(exchange)
            guard isError || !logging.skipsNormal else { return }
            samples.reset()
            _ = uniqueID(of: exchange, &samples)
            write(
                logging,
                exchange[].ruling?[].logLevel.flatMap { LogLevel(rawValue: $0) }
                    ?? logging.level(isError: isError),
                isError: false,
                ExchangeSource(worker: self, exchange: exchange))
        }
        return true
    }

    /// Writes the line of a connection that ended before there was an exchange; false as above. `isEmpty` says that nothing was
    /// sent on it.
    func writeFrontendLine(_ client: Ref<ClientConnection>, isEmpty: Bool, _ sentence: StaticString) -> Bool {
        guard let logging = logging(of: client) else { return false }
        logging._withUnsafeGuaranteedRef { logging in
            guard !isEmpty || !logging.skipsEmpty else { return }
            guard !logging.hasErrorFormat else { return writeWithoutRequest(logging, client) }
            record(logging, logging.level(isError: true)) { batch in
                batch.message.write { writePrefix(client, sentence, to: &$0) }
            }
        }
        return true
    }

    /// Writes the line of a connection that was closed before it asked for anything: by the format of requests, as HAProxy does.
    func writeEmptyLine(_ client: Ref<ClientConnection>) {
        logging(of: client)?._withUnsafeGuaranteedRef { logging in
            if !logging.skipsEmpty { writeWithoutRequest(logging, client) }
        }
    }

    private func writeWithoutRequest(_ logging: CompiledLogging, _ client: Ref<ClientConnection>) {
        write(
            logging, logging.level(isError: true), isError: true,
            SessionSource(worker: self, client: client, hello: nil, message: .empty))
    }

    /// `ci:cp [t] frontend/bind: sentence`.
    private func writePrefix(
        _ client: Ref<ClientConnection>, _ sentence: StaticString, to line: inout ByteWriter
    ) {
        client[].addressText.write(to: &line, of: client[].address)
        line.append(":")
        line.append(decimal: Int64(client[].address.port))
        line.append(" [")
        log.dates.write(clock.realtime, .local, to: &line)
        line.append("] ")
        appendFrontend(client, to: &line)
        line.append("/1: ")
        line.append(sentence)
    }

    private func logging(of client: Ref<ClientConnection>) -> Unmanaged<CompiledLogging>? {
        guard log.asksFrontends else { return nil }
        return frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            $0.logging.map { Unmanaged.passUnretained($0) }
        }
    }

    /// HAProxy's idea of an error: what ended otherwise than in order, needed another attempt, or was answered 5xx.
    private func isWorthTelling(_ exchange: Ref<Exchange>) -> Bool {
        let cause = exchange[].termination.cause
        return exchange[].isRedispatched || exchange[].retries > 0 || exchange[].status >= 500
            || cause != UInt8(ascii: "-") && cause != UInt8(ascii: "L")
    }

    private func write<Source: FormatSource>(
        _ logging: CompiledLogging, _ level: LogLevel, isError: Bool, _ source: Source
    ) {
        samples.reset()
        record(logging, level) { batch in
            logging.data.append(for: source, to: &batch.data, &samples)
            if isError, logging.hasErrorFormat {
                return logging.errorFormat.append(for: source, to: &batch.message, &samples)
            }
            return logging.format.append(for: source, to: &batch.message, &samples)
        }
        noteOverruns()
    }

    private func record(
        _ logging: CompiledLogging, _ level: LogLevel, _ body: (inout RecordBatch) -> Bool
    ) {
        guard let plan = logging.plan else { return }
        logging.countLine()
        log.records.begin()
        var lost: UInt64 = 1
        if body(&log.records) {
            lost = log.records.end(
                plan: plan, level: level.rawValue, time: clock.realtime, now: clock.monotonic)
        }
        if lost > 0 { counters[].logDropped.add(lost) }
    }
}
