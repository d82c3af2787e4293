import Basics
import Model
import Wire

/// Answers whose bodies are compressed on their way.
///
/// ```
///   request ─► chooseCoding      what the client likes best, kept by the exchange
///   head    ─► beginCompression  whether this answer is compressed, and its fields
///   body    ─► compressScratch   each read is compressed and flushed: what the server has sent, the client can read
/// ```
/// A flush after every read also bounds what one makes: no more than a read and a little. It costs some bytes of 64 KiB.
extension Worker {
    /// Chooses once for a request; a server that must not compress does not see what the client accepts.
    func chooseCoding(_ exchange: Ref<Exchange>) {
        guard let policy = exchange[].servers?._withUnsafeGuaranteedRef({ $0.compression }) else { return }
        let head = head(of: exchange)
        var accepted = AcceptedCodings()
        exchange[].request.fields.forEach { field in
            guard field.name == .other, !field.isRemoved else { return }
            accepted.see(field.name(in: head), field.value(in: head))
        }
        exchange[].coding = policy._withUnsafeGuaranteedRef { $0.choose(accepted) }
        guard exchange[].coding != nil, policy._withUnsafeGuaranteedRef({ $0.isOffload }) else { return }
        for i in 0..<exchange[].request.fields.count
        where exchange[].request.fields[i].name(in: head).equalsIgnoringCase("accept-encoding") {
            exchange[].request.fields[i].isRemoved = true
        }
    }

    /// Compresses the answer whose head this is, if the policy says so and a compressor is free. The fields that say so
    /// are left in `compressed`.
    func beginCompression(_ exchange: Ref<Exchange>, _ framing: BodyFraming, _ head: ByteView) {
        guard let coding = exchange[].coding,
            let policy = exchange[].servers?._withUnsafeGuaranteedRef({ $0.compression })
        else { return }
        let answer = compressionAnswer(exchange, framing, head)
        let isOverBudget = compressionBudget.isExceeded(idle: idle.percent, at: clock.monotonic)
        let verdict = policy._withUnsafeGuaranteedRef { $0.verdict(answer, isOverBudget: isOverBudget) }
        guard verdict == .compress else { return }
        if !compressed.hasMemory { compressed = Buffer(capacity: Sizes.scratch) }
        compressed.reset()
        let fits = compressed.write { output in
            policy._withUnsafeGuaranteedRef { $0.writeFields(coding, answer, to: &output) }
        }
        let level = compressionBudget.limits.level(of: coding)
        guard fits, let compressor = compressors.take(coding, level: level) else { return }
        exchange[].worksOnBody = true
        exchange[].compression = compressions.insert(
            RunningCompression(compressor: compressor, level: level))
        exchange[].chunksAnswer = !exchange[].client[].transport.isStream
        guard answer.hasStrongTag else { return }
        for i in 0..<exchange[].response.fields.count
        where exchange[].response.fields[i].name(in: head).equalsIgnoringCase("etag") {
            exchange[].response.fields[i].isRemoved = true
        }
    }

    /// Keeps the answer's bytes in the scratch if a cache wants them, and puts what compression makes of them in their place.
    /// Most answers are neither kept nor compressed. False if the library failed.
    @inline(__always)
    func workOnScratch(_ exchange: Ref<Exchange>, isLast: Bool) -> Bool {
        exchange[].worksOnBody ? keepAndCompress(exchange, isLast: isLast) : true
    }

    private func keepAndCompress(_ exchange: Ref<Exchange>, isLast: Bool) -> Bool {
        if exchange[].storing != nil { keepPiece(exchange, isLast: isLast) }
        let isDone = exchange[].compression.map { compressScratch(exchange, $0, isLast: isLast) } ?? true
        if exchange[].isThrottled { notePassed(scratch.count, exchange, .answer) }
        return isDone
    }

    private func compressScratch(
        _ exchange: Ref<Exchange>, _ running: Ref<RunningCompression>, isLast: Bool
    ) -> Bool {
        exchange[].readSize = Sizes.read
        guard isLast || !scratch.isEmpty else { return true }
        compressed.reset(headRoom: Sizes.headRoom)
        let step = running[].compressor.compress(
            scratch.view, into: &compressed, isLast ? .finish : .flush)
        // The room is eight times what one read could become.
        guard let step, step.isDone, step.consumed == scratch.count else { return false }
        compressionBudget.count(scratch.count, at: clock.monotonic)
        swap(&scratch, &compressed)
        if isLast { endCompression(exchange) } else { adjustLevel(running) }
        return true
    }

    /// A body that has begun goes on at another level while compression costs more than it may, and when it does no more.
    private func adjustLevel(_ running: Ref<RunningCompression>) {
        let level = compressionBudget.nextLevel(
            of: running[].compressor.coding, after: running[].level, idle: idle.percent, at: clock.monotonic)
        guard level != running[].level else { return }
        running[].level = level
        running[].compressor.change(level: level)
    }

    /// Gives the exchange's compressor back, if it has one.
    func endCompression(_ exchange: Ref<Exchange>) {
        guard let running = exchange[].compression else { return }
        exchange[].compression = nil
        compressors.takeBack(running[].compressor)
        compressions.remove(running)
    }

    private func compressionAnswer(_ exchange: Ref<Exchange>, _ framing: BodyFraming, _ head: ByteView)
        -> CompressionAnswer
    {
        var answer = CompressionAnswer(
            status: exchange[].response.status, isHead: exchange[].request.isHead,
            isModern: exchange[].request.minorVersion == 1 && exchange[].response.minorVersion == 1,
            framing: framing)
        exchange[].response.fields.forEach { field in
            if !field.isRemoved { answer.see(field.name(in: head), field.value(in: head)) }
        }
        return answer
    }
}
