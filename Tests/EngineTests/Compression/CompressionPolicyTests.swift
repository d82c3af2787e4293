import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("CompressionPolicy")
struct CompressionPolicyTests {
    /// An answer that is compressed, and what is changed about it.
    private struct Answer {
        var status: UInt16 = 200
        var isHead = false
        var isModern = true
        var framing = BodyFraming.chunked
        var fields = ["Content-Type: text/html"]
        var settings = Compression(algorithms: [.gzip])
        var isOverBudget = false

        init(_ change: (inout Answer) -> Void = { _ in }) { change(&self) }

        /// Lends the answer as the policy sees it; the names and values live for the call.
        func with<Result>(_ body: (CompressionPolicy, CompressionAnswer) -> Result) -> Result {
            let text = fields.map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
            let bytes = Array(text.flatMap { [$0[0], String($0[1].dropFirst())] }.joined().utf8)
            return bytes.withView { bytes in
                var answer = CompressionAnswer(
                    status: status, isHead: isHead, isModern: isModern, framing: framing)
                var at = 0
                for field in text {
                    let (name, value) = (field[0].utf8.count, field[1].utf8.count - 1)
                    answer.see(bytes[at..<at + name], bytes[at + name..<at + name + value])
                    at += name + value
                }
                return body(CompressionPolicy(settings), answer)
            }
        }

        var verdict: CompressionVerdict { with { $0.verdict($1, isOverBudget: isOverBudget) } }

        func added(_ coding: ContentCoding = .gzip) -> String {
            with { policy, answer in
                var output = Buffer(capacity: 512)
                return output.write { policy.writeFields(coding, answer, to: &$0) }
                    ? output.view.string : "full"
            }
        }
    }

    @Test(
        "200 to 203 are compressed, nothing else",
        arguments: [100, 199, 200, 201, 202, 203, 204, 206, 301, 304, 404, 500] as [UInt16])
    func status(status: UInt16) {
        let isWanted = (200...203).contains(status)
        #expect(Answer { $0.status = status }.verdict == (isWanted ? .compress : .skip(.status)))
    }

    @Test("what could not be sent in chunks is not compressed, nor answers to HEAD")
    func versions() {
        #expect(Answer { $0.isModern = false }.verdict == .skip(.oldVersion))
        #expect(Answer { $0.isHead = true }.verdict == .skip(.noBody))
    }

    @Test(
        "a body needs an end before the connection's",
        arguments: [
            (.chunked, .compress), (.length(1), .compress), (.length(Int64.max), .compress),
            (.length(0), .skip(.noBody)),
            (.none, .skip(.noBody)), (.untilClose, .skip(.unknownLength)),
        ] as [(BodyFraming, CompressionVerdict)])
    func framing(framing: BodyFraming, verdict: CompressionVerdict) {
        #expect(Answer { $0.framing = framing }.verdict == verdict)
    }

    @Test("a body below the least size is not compressed if its length is known")
    func minSize() {
        for (framing, verdict) in [
            (BodyFraming.length(999), CompressionVerdict.skip(.tooSmall)), (.length(1_000), .compress),
            (.chunked, .compress),
        ] {
            let answer = Answer {
                ($0.framing, $0.settings.minSize) = (framing, 1_000)
            }
            #expect(answer.verdict == verdict)
        }
    }

    @Test(
        "fields that speak against it",
        arguments: [
            ("Content-Encoding: gzip", .coded), ("content-encoding: identity", .coded),
            ("Content-Encoding:  ", .coded),
            ("Cache-Control: no-transform", .noTransform),
            ("cache-control: max-age=5 , No-Transform", .noTransform),
            ("ETag: abc", .badTag), ("ETag: \"", .badTag), ("ETag: \"abc", .badTag),
            ("ETag: w/\"abc\"", .badTag),
            ("ETag: W/abc\"", .badTag), ("ETag:  ", .badTag),
        ] as [(String, CompressionVerdict.Reason)])
    func against(field: String, reason: CompressionVerdict.Reason) {
        #expect(Answer { $0.fields.append(field) }.verdict == .skip(reason))
    }

    @Test(
        "fields that do not",
        arguments: [
            "Cache-Control: no-transformx", "Cache-Control: x=no-transform", "ETag: \"abc\"",
            "ETag: W/\"abc\"", "ETag: \"\"",
            "Vary: *", "Content-Encodings: x", "Transfer-Encoding: chunked",
        ])
    func neutral(field: String) { #expect(Answer { $0.fields.append(field) }.verdict == .compress) }

    @Test("an answer with two tags is not compressed")
    func twoTags() {
        #expect(Answer { $0.fields += ["ETag: \"a\"", "ETag: \"a\""] }.verdict == .skip(.badTag))
    }

    @Test(
        "types are compared from their beginning, without case",
        arguments: [
            ("text/html", true), ("TEXT/HTML; charset=x", true), ("text/html5", true),
            ("application/json", true),
            ("text/css", false), ("text", false), ("", false), ("multipart/mixed", false),
            ("xtext/html", false),
        ])
    func types(type: String, isWanted: Bool) {
        let answer = Answer {
            $0.fields = ["Content-Type: \(type)"]
            $0.settings.types = ["text/html", "Application/JSON", "multipart/"]
        }
        #expect(answer.verdict == (isWanted ? .compress : .skip(.type)))
    }

    @Test("without types all but multipart bodies are compressed, with types only answers that have one")
    func withoutTypes() {
        #expect(Answer { $0.fields = [] }.verdict == .compress)
        #expect(Answer { $0.fields = ["Content-Type: image/png"] }.verdict == .compress)
        #expect(Answer { $0.fields = ["Content-Type: MultiPart/mixed; boundary=a"] }.verdict == .skip(.type))
        #expect(Answer { ($0.fields, $0.settings.types) = ([], ["text/"]) }.verdict == .skip(.type))
        #expect(
            Answer { $0.fields = ["Content-Type: a/b", "Content-Type: multipart/x"] }.verdict == .compress)
    }

    @Test("nothing is compressed when compression costs more than it may")
    func budget() { #expect(Answer { $0.isOverBudget = true }.verdict == .skip(.budget)) }

    @Test(
        "adds what a compressed answer needs",
        arguments: [
            ([], "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"),
            (["Vary: Origin"], "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"),
            (["Vary: Origin , ACCEPT-encoding"], "Content-Encoding: gzip\r\n"),
            (["Vary: Accept-Encoding", "Vary: Origin"], "Content-Encoding: gzip\r\n"),
            (["Vary: Accept-Encoding2"], "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"),
            (["ETag: \"abc\"", "Vary: accept-encoding"], "Content-Encoding: gzip\r\nETag: W/\"abc\"\r\n"),
            (["ETag: W/\"abc\"", "Vary: accept-encoding"], "Content-Encoding: gzip\r\n"),
        ] as [([String], String)])
    func fields(fields: [String], added: String) {
        #expect(Answer { $0.fields = fields }.added() == added)
    }

    @Test("names the coding as clients know it")
    func names() {
        for (coding, name) in [
            (ContentCoding.brotli, "br"), (.zstd, "zstd"), (.rawDeflate, "deflate"), (.deflate, "deflate"),
        ] {
            #expect(Answer().added(coding).hasPrefix("Content-Encoding: \(name)\r\n"))
        }
    }

    @Test("only a strong tag has to go")
    func strongTag() {
        for (field, isStrong) in [("ETag: \"a\"", true), ("ETag: W/\"a\"", false), ("X: \"a\"", false)] {
            #expect(Answer { $0.fields = [field] }.with { $1.hasStrongTag } == isStrong)
        }
    }
}

@Suite("CompressionLimits")
struct CompressionLimitsTests {
    @Test("has HAProxy's defaults where HAProxy has any")
    func defaults() {
        let limits = CompressionLimits()
        #expect((limits.maxLevel, limits.maxRate, limits.maxCPUUsage) == (1, 0, 100))
        #expect(!limits.isExceeded(idle: 0, rate: .max))
        let settings = Compression(algorithms: [.gzip])
        #expect(settings.types == [] && settings.minSize == 0 && !settings.isOffload)
    }

    @Test("is exceeded by time or by bytes")
    func exceeded() {
        var limits = CompressionLimits()
        limits.maxCPUUsage = 80
        #expect(limits.isExceeded(idle: 19, rate: 0) && !limits.isExceeded(idle: 20, rate: 0))
        limits.maxRate = 1_000
        #expect(limits.isExceeded(idle: 50, rate: 1_001) && !limits.isExceeded(idle: 50, rate: 1_000))
    }

    @Test("lets a level sink to nothing and rise to its highest")
    func levels() {
        var limits = CompressionLimits()
        limits.maxLevel = 3
        #expect([3, 2, 1, 0].map { limits.nextLevel(after: $0, isExceeded: true) } == [2, 1, 0, 0])
        #expect([0, 1, 2, 3].map { limits.nextLevel(after: $0, isExceeded: false) } == [1, 2, 3, 3])
        #expect(ContentCoding.allCases.map(limits.level) == [3, 3, 3, 4, 3])
    }
}
