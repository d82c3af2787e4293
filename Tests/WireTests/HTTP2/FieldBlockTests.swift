import Basics
import Testing

@testable import Wire

@Suite("Field block")
struct FieldBlockTests {
    /// What a block holds, as a peer would read it.
    private func fields(_ fill: (FieldBlock) -> Void) -> [String] {
        let block = FieldBlock()
        fill(block)
        return (0..<block.count).map { "\(block[$0].name.text)=\(block[$0].value.text)" }
    }

    @Test(
        "an answer begins with its status",
        arguments: [(100, "100"), (200, "200"), (999, "999"), (42, "502")] as [(UInt16, String)])
    func status(_ status: UInt16, _ text: String) {
        #expect(fields { $0.begin(status: status) } == [":status=\(text)"])
    }

    @Test("a request begins with its pseudo-header fields, in one order")
    func request() {
        "GET".withView { method in
            "/p".withView { path in
                "h".withView { host in
                    let all = fields {
                        $0.begin(method: method, scheme: "https", authority: host, path: path)
                    }
                    #expect(all == [":method=GET", ":scheme=https", ":authority=h", ":path=/p"])
                    let bare = fields {
                        $0.begin(method: method, scheme: "http", authority: .empty, path: path)
                    }
                    #expect(bare == [":method=GET", ":scheme=http", ":path=/p"])
                    let tunnel = fields {
                        $0.begin(
                            method: method, scheme: "http", authority: host, path: path,
                            tunnelProtocol: method)
                    }
                    #expect(tunnel.last == ":protocol=GET")
                }
            }
        }
    }

    @Test(
        "gRPC hears of an error of ours in its own words",
        arguments: [
            (503, "14", "Service Unavailable"), (404, "12", "Not Found"), (403, "7", "Forbidden"),
            (401, "16", "Unauthorized"), (400, "13", "Bad Request"), (500, "2", "Internal Server Error"),
        ] as [(UInt16, String, String)])
    func grpc(_ status: UInt16, _ code: String, _ message: String) {
        #expect(
            fields { $0.begin(grpcForHTTP: status) } == [
                ":status=200", "content-type=application/grpc", "grpc-status=\(code)",
                "grpc-message=\(message)",
            ])
    }

    @Test("lines of HTTP/1 become fields, without those of the connection")
    func lines() {
        let text = """
            Server: x\r\nConnection: close\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTransfer-Encoding: chunked\r\n\
            Upgrade: h2c\r\nHost: a\r\nHTTP2-Settings: x\r\nTE: gzip\r\nte: trailers, gzip\r\nX-A:  b \r\nEmpty:\r\n\r\nrest
            """
        text.withView { lines in
            let all = fields { block in
                block.begin()
                #expect(block.add(lines: lines))
            }
            #expect(all == ["Server=x", "te=trailers", "X-A=b", "Empty="])
        }
    }

    @Test("what is no line is refused", arguments: ["abc", "abc\r\n", ": x\r\n", "a: b"])
    func noLines(_ text: String) {
        text.withView { lines in
            let block = FieldBlock()
            block.begin()
            #expect(!block.add(lines: lines))
        }
    }

    @Test("a block that is full says so")
    func full() {
        let block = FieldBlock()
        block.begin()
        "x".withView { x in
            for _ in 0..<FieldBlock.limit { #expect(block.add(x, x)) }
            #expect(!block.add(x, x))
        }
    }

    @Test("of a head only what is kept is added")
    func keptFields() {
        let text = "HTTP/1.1 200 OK\r\nServer: x\r\nConnection: close\r\nContent-Length: 3\r\nX: y\r\n\r\n"
        let bytes = ReceivedBytes(Array(text.utf8))
        let tables = HeaderTablePool(keep: 1)
        var head = ResponseHead()
        tables.lend(to: &head.fields)
        let view = bytes.prefix(bytes.count)
        _ = head.parse(view)
        let block = FieldBlock()
        block.begin()
        let drops = HeaderNames(from: .server, to: .server)
        let isAdded = block.add(kept: head.fields, from: view, dropping: drops)
        #expect(isAdded)
        #expect(block.count == 1)
        tables.takeBack(&head.fields)
    }
}
