import Basics
import Model
import Wire

/// What frontends keep of requests and answers: beside the exchange, as variables are, until its line is written.
extension Worker {
    func captures(of client: Ref<ClientConnection>) -> Unmanaged<CompiledCaptures>? {
        frontends[Int(client[].frontend)]._withUnsafeGuaranteedRef {
            $0.captures.map { Unmanaged.passUnretained($0) }
        }
    }

    /// Keeps what a frontend wants of a request's fields, before rules change them.
    func capture(_ exchange: Ref<Exchange>, _ frontend: FrontendSettings) {
        exchange[].headNeeds.formUnion(frontend.headNeeds)
        if let captures = frontend.captures {
            let head = head(of: exchange)
            for slot in 0..<captures.request.count where captures.request[slot].name.count > 0 {
                let name = captures.request[slot].name.view
                let isHost = name.equalsIgnoringCase("host")
                let value =
                    isHost
                    ? head[exchange[].request.host.indices]
                    : FieldValues.value(-1, exchange[].request.fields, head, name, isWhole: true)
                if let value {
                    keep(value, .captured(slot, isAnswer: false), captures.request[slot], exchange)
                }
            }
            if captures.asksAnswers {
                exchange[].asksAnswerRules = true
                exchange[].looksAtAnswer = true
            }
        }
    }

    /// Keeps what the frontend wants of an answer, before rules change it.
    func captureAnswer(_ exchange: Ref<Exchange>, _ head: ByteView) {
        guard let captures = captures(of: exchange[].client) else { return }
        captures._withUnsafeGuaranteedRef { captures in
            for slot in 0..<captures.response.count where captures.response[slot].name.count > 0 {
                let name = captures.response[slot].name.view
                guard
                    let value = FieldValues.value(-1, exchange[].response.fields, head, name, isWhole: true)
                else { continue }
                keep(value, .captured(slot, isAnswer: true), captures.response[slot], exchange)
            }
            if captures.cookies.count > 0 { captureSetCookie(exchange, captures, head) }
        }
    }

    /// Keeps a text at a place, if the frontend has it.
    func keep(_ text: ByteView, at slot: Int, isAnswer: Bool, _ exchange: Ref<Exchange>) {
        let length = captures(of: exchange[].client)?._withUnsafeGuaranteedRef {
            $0.length(of: slot, isAnswer: isAnswer)
        }
        guard let length = length ?? nil else { return }
        let kept = text[0..<min(text.count, length)]
        ruling(of: exchange)[].captures.set(
            .captured(slot, isAnswer: isAnswer), to: .string(kept), pool: variableBuffers)
    }

    /// Does what a rule says: keeps what an expression gives.
    func capture(
        _ expression: Ref<CompiledExpression>, at slot: Int, _ exchange: Ref<Exchange>,
        answer: ByteView? = nil
    ) {
        samples.reset()
        let source = ExchangeSource(worker: self, exchange: exchange, answer: answer)
        if let text = expression[].sample(of: source, &samples)?.text(&samples) {
            keep(text, at: slot, isAnswer: answer != nil, exchange)
        }
        noteOverruns()
    }

    /// The same of a connection, which may have no session yet.
    func capture<Source: SampleSource & ~Copyable>(
        _ expression: Ref<CompiledExpression>, at slot: Int, _ client: Ref<ClientConnection>,
        _ source: borrowing Source
    ) {
        samples.reset()
        let length = captures(of: client)?._withUnsafeGuaranteedRef { $0.length(of: slot, isAnswer: false) }
        if let length = length ?? nil, let text = expression[].sample(of: source, &samples)?.text(&samples) {
            let kept = Sample.string(text[0..<min(text.count, length)])
            let key = VariableKey.captured(slot, isAnswer: false)
            if let exchange = client[].exchange {
                ruling(of: exchange)[].captures.set(key, to: kept, pool: variableBuffers)
            } else {
                detail(client)[].captures.set(key, to: kept, pool: variableBuffers)
            }
        }
        noteOverruns()
    }

    private func keep(
        _ text: ByteView, _ key: VariableKey, _ slot: borrowing CompiledCaptures.Slot,
        _ exchange: Ref<Exchange>
    ) {
        let kept = text[0..<min(text.count, slot.length)]
        ruling(of: exchange)[].captures.set(key, to: .string(kept), pool: variableBuffers)
    }

    private func captureCookie(_ exchange: Ref<Exchange>, _ captures: CompiledCaptures, _ head: ByteView) {
        for i in 0..<exchange[].request.fields.count {
            let field = exchange[].request.fields[i]
            guard field.name == .cookie, !field.isRemoved else { continue }
            let line = field.value(in: head)
            var pairs = CookiePairs(line)
            while let pair = pairs.next() {
                let whole = line[pair.name.lowerBound..<max(pair.name.upperBound, pair.value.upperBound)]
                guard pair.hasValue, whole.hasPrefix(captures.cookies[0].name.view) else { continue }
                return keep(whole, .capturedCookie(isAnswer: false), captures.cookies[0], exchange)
            }
        }
    }

    private func captureSetCookie(_ exchange: Ref<Exchange>, _ captures: CompiledCaptures, _ head: ByteView) {
        for i in 0..<exchange[].response.fields.count {
            let field = exchange[].response.fields[i]
            guard field.name == .setCookie, !field.isRemoved else { continue }
            let line = field.value(in: head)
            let pair = line[0..<(line.firstIndex(of: UInt8(ascii: ";")) ?? line.count)].trimmed
            guard pair.hasPrefix(captures.cookies[0].name.view) else { continue }
            return keep(pair, .capturedCookie(isAnswer: true), captures.cookies[0], exchange)
        }
    }

    // MARK: Names of requests

    /// The request's name, made when it is first asked for; nil if it has none. Good until more is kept of the exchange.
    func uniqueID(of exchange: Ref<Exchange>, _ workspace: inout SampleWorkspace) -> ByteView? {
        if let known = exchange[].ruling?[].captures.view(.uniqueID) { return known }
        let name = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef {
            $0.uniqueID.map { Unmanaged.passUnretained($0) }
        }
        guard let name else { return nil }
        var line = Buffer()
        trailerBuffers.lend(to: &line)
        defer { trailerBuffers.takeBack(&line) }
        let source = ExchangeSource(worker: self, exchange: exchange)
        guard name._withUnsafeGuaranteedRef({ $0.format.append(for: source, to: &line, &workspace) }) else {
            return nil
        }
        let text = line.view[0..<min(line.count, UniqueID.longest)]
        let ruling = ruling(of: exchange)
        ruling[].captures.set(.uniqueID, to: .string(text), pool: variableBuffers)
        return ruling[].captures.view(.uniqueID)
    }

    /// What is kept of a request once rules are done with it, its cookie and its name, which servers may be told. False if the request
    /// was answered, as its head has no room for that.
    func endRules(_ exchange: Ref<Exchange>) -> Bool {
        frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef { frontend in
            guard frontend.keeps else { return true }
            if let captures = frontend.captures, captures.cookies.count > 0 {
                captureCookie(exchange, captures, head(of: exchange))
            }
            guard let name = frontend.uniqueID else { return true }
            samples.reset()
            guard uniqueID(of: exchange, &samples) != nil, name.field.count > 0,
                let ruling = withOwnHead(exchange), let text = ruling[].captures.view(.uniqueID)
            else { return true }
            if exchange[].request.add(name.field.view, text, to: &ruling[].head) { return true }
            answer(exchange, status: 500, as: .denied)
            return false
        }
    }
}

extension Worker.LoggedFacts {
    /// Writes what was kept of a request or an answer; false if nothing is kept here.
    func writeCaptured(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool {
        let isAnswer = variable == .responseFields || variable == .responseFieldList
        guard let captures = worker.captures(of: client), let exchange, exchange[].headAt > 0 else {
            return false
        }
        let count = captures._withUnsafeGuaranteedRef { isAnswer ? $0.response.count : $0.request.count }
        guard count > 0 else { return false }
        let isList = variable == .requestFieldList || variable == .responseFieldList
        guard !isList || !flags.contains(.json) else {
            writeArray(count, isAnswer, to: &line)
            return true
        }
        if !isList { line.append(flags.contains(.quoted) ? "\"{" : "{") }
        for slot in 0..<count {
            if slot > 0 { line.append(isList ? " " : "|") }
            let text = exchange[].ruling?[].captures.view(.captured(slot, isAnswer: isAnswer))
            if isList, text == nil {
                line.append(nil, as: flags)
            } else if let text {
                line.append(text, as: isList ? flags : flags.subtracting(.quoted), .field)
            }
        }
        if !isList { line.append(flags.contains(.quoted) ? "}\"" : "}") }
        return true
    }

    /// Writes captured fields as an array of JSON.
    private func writeArray(_ count: Int, _ isAnswer: Bool, to line: inout ByteWriter) {
        for slot in 0..<count {
            line.append(slot == 0 ? "[\"" : ", \"")
            let text = exchange?[].ruling?[].captures.view(.captured(slot, isAnswer: isAnswer))
            line.append(text ?? ("-" as StaticString).view, as: .json, .field)
            line.append("\"")
        }
        line.append("]")
    }

    /// Writes a captured cookie, or the request's name.
    func writeKept(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) {
        let key: VariableKey =
            variable == .uniqueID ? .uniqueID : .capturedCookie(isAnswer: variable == .responseCookie)
        line.append(exchange?[].ruling?[].captures.view(key), as: flags)
    }
}
