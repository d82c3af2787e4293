import Basics
import Kubernetes
import Testing

@Suite("Recorded watches")
struct WatchDecoderTests {
    @Test("initial events are followed by the bookmark that ends them")
    func watchList() throws {
        let events = try events(Ingress.self, "watchlist-ingresses")
        guard case .bookmark(let version, true) = events.last else {
            Issue.record("the last event is \(String(describing: events.last))")
            return
        }
        #expect(!version.isEmpty)
        #expect(events.dropLast().allSatisfy { if case .added = $0 { true } else { false } })
        #expect(events.count == 7)
    }

    @Test("changes arrive as what they are")
    func changes() throws {
        let kinds = try events(Ingress.self, "watch-ingress-changes").map { event in
            switch event {
            case .added: "+"
            case .modified: "~"
            case .deleted: "-"
            case .bookmark(_, let isEnd): isEnd ? "|" : "."
            case .error: "!"
            case .rejected: "?"
            }
        }
        #expect(kinds.contains("~") && kinds.contains("-") && kinds.last == ".")
        #expect(!kinds.contains("?") && !kinds.contains("!"))
    }

    @Test("a watch that is over says so inside a good answer")
    func errors() throws {
        guard case .error(let expired) = try events(Ingress.self, "watch-expired").first else {
            Issue.record("no error")
            return
        }
        #expect(expired.code == 410 && expired.reason == "Expired")
        guard case .error(let unsupported) = try events(Ingress.self, "watchlist-unsupported").first else {
            Issue.record("no error")
            return
        }
        #expect(unsupported.code == 500)
    }

    @Test(
        "a rolling update shows endpoints that terminate and still serve", arguments: [1, 7, 4096, 1 << 20])
    func chunks(size: Int) throws {
        let whole = try events(EndpointSlice.self, "watch-endpointslices-roll")
        let chunked = try events(EndpointSlice.self, "watch-endpointslices-roll", chunk: size)
        #expect(whole == chunked)
        #expect(whole.count > 20)
        let endpoints = whole.flatMap { event in
            if case .modified(let slice) = event { slice.endpoints } else { [EndpointSlice.Endpoint]() }
        }
        #expect(endpoints.contains { $0.isTerminating && !$0.isReady })
    }

    @Test("events need no lines between them, and brackets in strings are text")
    func framing() throws {
        let stream =
            #"{"type":"ADDED","object":{"metadata":{"name":"}{\"]"}}}{"type":"BOOKMARK","object":{}}"#
        let events = try decode(Ingress.self, Array(stream.utf8), chunk: 3)
        #expect(events.count == 2)
        guard case .added(let object) = events[0] else {
            Issue.record("not added")
            return
        }
        #expect(object.meta.name == "}{\"]")
    }

    @Test("an object before its type is read all the same")
    func reversed() throws {
        let stream = #"{"object":{"metadata":{"name":"a"}},"type":"DELETED"}"#
        let events = try decode(Service.self, Array(stream.utf8), chunk: 1000)
        guard case .deleted(let object) = events.first else {
            Issue.record("not deleted")
            return
        }
        #expect(object.meta.name == "a")
    }

    @Test("an unreadable object is told with its key, and the stream goes on")
    func rejection() throws {
        let stream =
            #"{"type":"DELETED","object":{"metadata":{"name":"a","uid":3}}}"# + "\n"
            + #"{"type":"ADDED","object":{"metadata":{"name":"b"}}}"#
        let events = try decode(Service.self, Array(stream.utf8), chunk: 1000)
        guard case .rejected(let object) = events.first else {
            Issue.record("not rejected")
            return
        }
        #expect(object.key.name == "a" && object.isDeleted)
        #expect(object.reason == "metadata.uid: expected a string, found a number")
        #expect(events.count == 2)
    }

    @Test(
        "what is no stream of events throws, then and ever after",
        arguments: ["x", "}", "[", "{,}", #"{"type":"ADDED"}"#, #"{"type":"NEWS","object":{}}"#, "{}", "\0"])
    func garbage(stream: String) {
        var decoder = WatchDecoder<Service>()
        decoder.append(Array(stream.utf8))
        #expect(throws: JSONError.self) { try decoder.next() }
        decoder.append(Array(#"{"type":"ADDED","object":{"metadata":{"name":"b"}}}"#.utf8))
        #expect(throws: JSONError.self) { try decoder.next() }
    }

    @Test("an event without end is not waited for")
    func endless() throws {
        var decoder = WatchDecoder<Ingress>(frameLimit: 1000)
        decoder.append(Array(#"{"type":""#.utf8))
        #expect(try decoder.next() == nil)
        #expect(throws: JSONError.self) {
            for _ in 0..<20 {
                decoder.append([UInt8](repeating: UInt8(ascii: "A"), count: 100))
                _ = try decoder.next()
            }
        }
    }

    @Test("a stream cut inside an event is known to be cut")
    func cut() throws {
        let body = try Recording("watch-expired").body
        var decoder = WatchDecoder<Ingress>()
        decoder.append(Array(body.dropLast(10)))
        #expect(try decoder.next() == nil)
        #expect(decoder.isInsideEvent)
        decoder.append(Array(body.suffix(10)))
        #expect(try decoder.next() != nil)
        #expect(!decoder.isInsideEvent)
    }

    @Test("bytes flipped at random never trap")
    func noise() throws {
        var generator = SeededGenerator(seed: 11)
        let body = try Recording("watch-ingress-changes").body
        for _ in 0..<100 {
            var broken = body
            broken[Int.random(in: 0..<broken.count, using: &generator)] = .random(
                in: 0...255, using: &generator)
            _ = try? decode(Ingress.self, broken, chunk: Int.random(in: 1...5000, using: &generator))
        }
    }

    private func events<Object>(
        _ kind: Object.Type, _ name: String, chunk: Int = .max
    ) throws -> [WatchEvent<Object>] {
        try decode(kind, Recording(name).body, chunk: chunk)
    }

    private func decode<Object>(
        _ kind: Object.Type, _ bytes: [UInt8], chunk: Int
    ) throws -> [WatchEvent<Object>] {
        var decoder = WatchDecoder<Object>()
        var events: [WatchEvent<Object>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            decoder.append(Array(rest.prefix(chunk)))
            rest = rest.dropFirst(chunk)
            while let event = try decoder.next() { events.append(event) }
        }
        return events
    }
}
