import Basics
import Testing

@testable import Wire

@Suite("HTTP/2 preface")
struct PrefaceTests {
    private func judge(_ text: String) -> HTTP2Preface { text.withView { HTTP2Preface($0) } }

    @Test("the preface is HTTP/2, and so is all that begins with its line")
    func wholePrefaceIsHTTP2() {
        #expect(judge("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == .http2)
        #expect(judge("PRI * HTTP/2.0\r\nHost: a\r\n\r\n") == .http2)
    }

    @Test("every beginning of it leaves the question open")
    func beginningsAreUndecided() {
        let line = Array("PRI * HTTP/2.0\r\n".utf8)
        for count in 0..<16 {
            #expect(Array(line.prefix(count)).withView { HTTP2Preface($0) } == .undecided)
        }
    }

    @Test(
        "the first other byte decides for HTTP/1",
        arguments: ["G", "PR ", "PRI / HTTP/1.1\r\n", "PRI * HTTP/2.0\n"])
    func othersAreHTTP1(_ text: String) { #expect(judge(text) == .http1) }
}

@Suite("gRPC")
struct GRPCTests {
    @Test(
        "its requests are known by their content type",
        arguments: [
            ("application/grpc", true), ("application/grpc+proto", true),
            ("Application/gRPC;charset=utf-8", true),
            ("application/grpc ; a=b", true), ("application/grpc-web", false), ("application/grpcs", false),
            ("application/json", false), ("", false),
        ])
    func requestsAreKnown(_ type: String, _ isRequest: Bool) {
        #expect(type.withView { GRPC.isRequest(contentType: $0) } == isRequest)
    }

    @Test(
        "a status of ours becomes the one a client would have made of it",
        arguments: [
            (400, 13), (401, 16), (403, 7), (404, 12), (429, 14), (502, 14), (503, 14), (504, 14), (500, 2),
            (413, 2), (200, 2),
        ] as [(UInt16, UInt8)])
    func statusesAreMapped(_ http: UInt16, _ grpc: UInt8) { #expect(GRPC.status(ofHTTP: http) == grpc) }
}

@Suite("Pace")
struct PaceTests {
    private let limit = PaceLimit(burst: 5, perSecond: 10)

    /// How many of `count` are taken.
    private func taken(_ pace: inout Pace, _ count: Int, now: UInt64) -> Int {
        (0..<count).count { _ in pace.take(limit, now: now) }
    }

    @Test("a burst is let through and what follows is not")
    func burst() {
        var pace = Pace()
        #expect(taken(&pace, 20, now: 1_000_000_000) == 5)
    }

    @Test("a steady flow below the limit never ends")
    func steadyFlow() {
        var pace = Pace()
        let passed = (0..<1_000).count { pace.take(limit, now: UInt64($0) * 101_000_000) }
        #expect(passed == 1_000)
    }

    @Test("a long silence earns no more than a burst")
    func silenceEarnsABurst() {
        var pace = Pace()
        _ = taken(&pace, 5, now: 0)
        #expect(taken(&pace, 20, now: 3_600_000_000_000) == 5)
    }

    @Test("what is forgiven may happen again")
    func forgiving() {
        var pace = Pace()
        #expect(taken(&pace, 5, now: 1_000_000_000) == 5)
        pace.forgive(limit, 2)
        #expect(taken(&pace, 20, now: 1_000_000_000) == 2)
    }

    @Test("nothing traps at the ends of time")
    func endsOfTime() {
        var pace = Pace()
        let first = pace.take(limit, now: 0)
        pace.forgive(limit, 1_000)
        let last = pace.take(limit, now: 1 << 62)
        var rare = Pace()
        let once = rare.take(PaceLimit(burst: 1, perSecond: 0), now: 1 << 62)
        let twice = rare.take(PaceLimit(burst: 1, perSecond: 0), now: 1 << 62)
        #expect(first && last && once && !twice)
    }
}

@Suite("Field syntax")
struct FieldSyntaxTests {
    private func isName(_ bytes: [UInt8]) -> Bool {
        FieldSyntax.isName(ReceivedBytes(bytes).prefix(bytes.count))
    }
    private func isValue(_ bytes: [UInt8]) -> Bool {
        FieldSyntax.isValue(ReceivedBytes(bytes).prefix(bytes.count))
    }

    @Test("every byte is judged alike at every place of a name")
    func everyByteEverywhere() {
        for byte in UInt8.min...UInt8.max {
            let may = isToken(byte) && !(byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z"))
            for place in [0, 3, 7, 8, 11] {
                var name = Array("abcdefghijkl".utf8)
                name[place] = byte
                #expect(isName(name) == may)
            }
            #expect(isName([byte]) == may)
        }
        #expect(!isName([]))
    }

    @Test("every byte is judged alike at every place of a value")
    func everyByteOfValues() {
        for byte in UInt8.min...UInt8.max {
            let may = byte >= 0x20 && byte != 0x7F || byte == 0x09
            for place in [1, 7, 8, 10] {
                var value = Array("abcdefghijkl".utf8)
                value[place] = byte
                #expect(isValue(value) == may)
            }
            #expect(isValue([byte]) == (may && byte != 0x20 && byte != 0x09))
        }
        #expect(isValue([]))
    }
}
