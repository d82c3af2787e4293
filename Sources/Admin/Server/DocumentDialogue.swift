import Basics
import Wire

/// A client of HTTP who hands in documents: one after the other, each answered before the next is read. Pure but for the answers.
///
/// ```
///   head ──accepted──► body ──whole──► answering ──sent──► head (keep-alive) or ended
///     └──refused──────────┴──too slow, no room──► answering ──sent──► ended
/// ```
struct DocumentDialogue: ControlDialogue {
    /// How long a client may take for a head, in milliseconds; the handshake counts.
    static let headLimit: Int64 = 5_000
    /// How long it may take for a document, however it drips.
    static let bodyLimit: Int64 = 10_000
    /// How long it may be idle: longer than API servers keep what they do not use, so that they close first.
    static let idleLimit: Int64 = 300_000
    /// How long it may take none of an answer.
    static let sendLimit: Int64 = 20_000

    private let terms: DocumentTerms
    private let budget: DocumentBudget
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var sent = 0
    private var endsAfterOutput = false
    /// The document that is being read.
    private var document: Document?
    private(set) var deadline: Int64

    private struct Document {
        var bytes: [UInt8] = []
        let head: DocumentHead
        let share: DocumentShare
    }

    init(_ terms: DocumentTerms, _ budget: DocumentBudget, now: Int64) {
        (self.terms, self.budget) = (terms, budget)
        deadline = now + Self.headLimit
    }

    var hasOutput: Bool { sent < output.count }
    var isEnded: Bool { endsAfterOutput && !hasOutput }
    var unsent: ArraySlice<UInt8> { output[sent...] }

    mutating func receive(_ bytes: ArraySlice<UInt8>, now: Int64) {
        if input.isEmpty, !hasOutput, document == nil { deadline = now + Self.headLimit }
        input += bytes
        goOn(now)
    }

    mutating func advance(_ count: Int, now: Int64) {
        sent += count
        guard !hasOutput else {
            if document == nil { deadline = now + Self.sendLimit }
            return
        }
        (output, sent) = ([], 0)
        guard !endsAfterOutput else { return }
        if document == nil { deadline = now + (input.isEmpty ? Self.idleLimit : Self.headLimit) }
        goOn(now)
    }

    /// A half-closed client gets what it has asked for.
    mutating func finish(now: Int64) -> Bool {
        endsAfterOutput = true
        return hasOutput
    }

    private mutating func goOn(_ now: Int64) {
        guard !hasOutput, !endsAfterOutput else { return }
        if document == nil { readHead(now) }
        if document != nil, !hasOutput { readBody(now) }
    }

    private mutating func readHead(_ now: Int64) {
        switch DocumentHead.read(input, terms) {
        case .partial: return
        case .refused(let status): refuse(status, now)
        case .request(let head, let length):
            input.removeFirst(length)
            document = Document(head: head, share: DocumentShare(budget))
            deadline = now + Self.bodyLimit
            // Who waits for it has sent nothing yet.
            if head.expectsContinue, input.isEmpty { output = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8) }
        }
    }

    private mutating func readBody(_ now: Int64) {
        guard let head = document?.head, let missing = document.map({ head.length - $0.bytes.count }) else {
            return
        }
        let part = input.prefix(missing)
        guard document?.share.grow(by: part.count) == true else { return refuse(503, now) }
        document?.bytes += part
        input.removeFirst(part.count)
        guard part.count == missing, let bytes = document?.bytes else { return }
        document = nil
        endsAfterOutput = !head.keepsAlive
        output = terms.answer(bytes).message(isHead: false, keepsAlive: head.keepsAlive)
        deadline = now + Self.sendLimit
    }

    private mutating func refuse(_ status: UInt16, _ now: Int64) {
        terms.onRefusal(status)
        document = nil
        endsAfterOutput = true
        output = ControlResponse.failure(status).message(isHead: false, keepsAlive: false, allowing: "POST")
        deadline = now + Self.sendLimit
    }
}

/// What is needed of the head of a request that hands a document in.
struct DocumentHead: Equatable {
    let length: Int
    let keepsAlive: Bool
    let expectsContinue: Bool

    /// Reads the first head in `bytes`, by the terms.
    static func read(_ bytes: [UInt8], _ terms: DocumentTerms) -> HeadReading<DocumentHead> {
        ControlHead.read(bytes) { head, view, length in
            let path = view[head.path.indices].string.split(
                separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            guard path.first.map(String.init) == terms.path else { return .refused(404) }
            guard view[head.method.indices].equals("POST") else { return .refused(405) }
            // Of unknown length it could be any: what API servers send has one.
            guard case .length(let count) = head.framing, count > 0 else { return .refused(411) }
            guard count <= Int64(terms.longest) else { return .refused(413) }
            guard type(of: head, view) == terms.type else { return .refused(415) }
            return .request(
                DocumentHead(
                    length: Int(count), keepsAlive: head.keepsAlive, expectsContinue: head.expectsContinue),
                length: length)
        }
    }

    /// The media type without its parameters; nil if there is none, or more than one.
    private static func type(of head: borrowing RequestHead, _ view: ByteView) -> String? {
        var found: [String] = []
        for place in 0..<head.fields.count {
            let field = head.fields[place]
            guard field.name(in: view).equalsIgnoringCase("content-type") else { continue }
            found.append(field.value(in: view).string.lowercased())
        }
        guard found.count == 1 else { return nil }
        return found[0].split(separator: ";", omittingEmptySubsequences: false).first.map { text in
            String(text.filter { $0 != " " && $0 != "\t" })
        }
    }
}
