import Basics
import Model
import Wire

/// Lines of frontends that say themselves what is logged, and to whom.
extension Worker {
    /// Writes the line of an exchange; false if its frontend leaves that to the process's access log.
    func writeFrontendLine(_ exchange: Ref<Exchange>) -> Bool {
        guard let logging = logging(of: exchange[].client) else { return false }
        if logging._withUnsafeGuaranteedRef({ $0.isOfProcess }) {
            return writeOwnLine(exchange, logging)
        }
        logging._withUnsafeGuaranteedRef { logging in
            let isError = isWorthTelling(exchange)
            guard isError || !logging.skipsNormal else { return }
            samples.reset()
            _ = uniqueID(of: exchange, &samples)
            let isRequest = exchange[].isSession || exchange[].headAt > 0 || exchange[].savedLine != nil
            write(
                logging,
                exchange[].ruling?[].logLevel.flatMap { LogLevel(rawValue: $0) }
                    ?? logging.level(isError: isError),
                isError: false, isRequest ? .close : .error,
                ExchangeSource(worker: self, exchange: exchange))
        }
        return true
    }

    /// Writes it to the process's own log; false if that has its own words for it: of a session on a frontend of requests.
    private func writeOwnLine(_ exchange: Ref<Exchange>, _ logging: Unmanaged<CompiledLogging>) -> Bool {
        let isOfRequests = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef {
            $0.mode == .http
        }
        guard isOfRequests != exchange[].isSession else { return false }
        samples.reset()
        writeLine(ofAtMost: AccessLog.longestFormattedLine) { line in
            logging._withUnsafeGuaranteedRef { logging in
                logging.format.write(
                    for: ExchangeSource(worker: self, exchange: exchange), to: &line, &samples)
            }
            line.append("\n")
        }
        noteOverruns()
        return true
    }

    /// Whether lines tell of each attempt at a server.
    func tellsAttempts(_ exchange: Ref<Exchange>) -> Bool {
        logging(of: exchange[].client)?._withUnsafeGuaranteedRef { $0.tellsAttempts } ?? false
    }

    /// Writes a line because a rule says so, beside the one at the end. Without a log of the frontend's there is none.
    func writeRuleLine(_ exchange: Ref<Exchange>, _ step: LogStep, answer head: ByteView?) {
        guard !exchange[].isQuiet, let logging = logging(of: exchange[].client) else { return }
        logging._withUnsafeGuaranteedRef { logging in
            samples.reset()
            _ = uniqueID(of: exchange, &samples)
            let level = exchange[].ruling?[].logLevel.flatMap { LogLevel(rawValue: $0) }
            log.moment = step
            defer { log.moment = nil }
            write(
                logging, level ?? logging.level(isError: false), isError: false, step,
                ExchangeSource(worker: self, exchange: exchange, answer: head))
        }
    }

    /// The same of a connection, which may have no exchange yet.
    func writeRuleLine(_ client: Ref<ClientConnection>, _ step: LogStep) {
        if let exchange = client[].exchange { return writeRuleLine(exchange, step, answer: nil) }
        logging(of: client)?._withUnsafeGuaranteedRef { logging in
            log.moment = step
            defer { log.moment = nil }
            write(
                logging, logging.level(isError: false), isError: false, step,
                SessionSource(worker: self, client: client, hello: nil, message: .empty))
        }
    }

    /// Writes the line of a connection that ended before there was an exchange; false as above. `isEmpty` says that nothing was
    /// sent on it.
    func writeFrontendLine(_ client: Ref<ClientConnection>, isEmpty: Bool, _ sentence: StaticString) -> Bool {
        guard let logging = logging(of: client), !logging._withUnsafeGuaranteedRef({ $0.isOfProcess }) else {
            return false
        }
        logging._withUnsafeGuaranteedRef { logging in
            guard !isEmpty || !logging.skipsEmpty else { return }
            guard !logging.hasErrorFormat else { return writeWithoutRequest(logging, client) }
            let level = logging.level(isError: true)
            logging.countLine()
            record(logging.plan, level) { batch in
                batch.message.write { writePrefix(client, sentence, to: &$0) }
            }
            guard logging.hasProfiles else { return }
            let source = SessionSource(worker: self, client: client, hello: nil, message: .empty)
            writeProfiled(logging, level, .error, source) { batch in
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
            logging, logging.level(isError: true), isError: true, .error,
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
        _ logging: CompiledLogging, _ level: LogLevel, isError: Bool, _ step: LogStep, _ source: Source
    ) {
        samples.reset()
        logging.countLine()
        func message(_ batch: inout RecordBatch) -> Bool {
            if isError, logging.hasErrorFormat {
                return logging.errorFormat.append(for: source, to: &batch.message, &samples)
            }
            return logging.format.append(for: source, to: &batch.message, &samples)
        }
        record(logging.plan, level) { batch in
            logging.data.append(for: source, to: &batch.data, &samples)
            return message(&batch)
        }
        if logging.hasProfiles { writeProfiled(logging, level, step, source, message) }
        noteOverruns()
    }

    /// The same line as profiles have it.
    private func writeProfiled<Source: FormatSource>(
        _ logging: CompiledLogging, _ level: LogLevel, _ moment: LogStep, _ source: Source,
        _ message: (inout RecordBatch) -> Bool
    ) {
        for profile in logging.profiles {
            let step = profile.step(moment)
            if step?.isDropped == true { continue }
            record(profile.plan, level) { batch in
                if let step, step.hasData {
                    step.data.append(for: source, to: &batch.data, &samples)
                } else {
                    logging.data.append(for: source, to: &batch.data, &samples)
                }
                guard let step, step.hasFormat else { return message(&batch) }
                return step.format.append(for: source, to: &batch.message, &samples)
            }
        }
    }

    private func record(_ plan: UInt16?, _ level: LogLevel, _ body: (inout RecordBatch) -> Bool) {
        guard let plan else { return }
        log.records.begin()
        var lost: UInt64 = 1
        if body(&log.records) {
            lost = log.records.end(
                plan: plan, level: level.rawValue, time: clock.realtime, now: clock.monotonic)
        }
        if lost > 0 { counters[].logDropped.add(lost) }
    }
}
