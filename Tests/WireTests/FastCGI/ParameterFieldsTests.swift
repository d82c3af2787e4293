import Basics
import Testing

@testable import Wire

@Suite("Fields as parameters of FastCGI")
struct ParameterFieldsTests {
    /// The pairs these lines become; nil if they can not be read.
    private func pairs(_ lines: String) -> [String]? {
        let received = ReceivedBytes(Array((lines + "\r\n").utf8))
        var table = HeaderTable()
        let tables = HeaderTablePool(keep: 1)
        tables.lend(to: &table)
        defer { tables.takeBack(&table) }
        let head = received.prefix(received.count)
        guard table.read(lines: head) else { return nil }
        var output = Buffer(capacity: 100_000)
        guard output.write({ table.writeParameters(from: head, to: &$0) }) else { return nil }
        return ParameterFieldsTests.read(output.view.bytes)
    }

    static func read(_ bytes: [UInt8]) -> [String] {
        var (at, pairs) = (0, [String]())
        func length() -> Int {
            defer { at += bytes[at] < 128 ? 1 : 4 }
            guard bytes[at] >= 128 else { return Int(bytes[at]) }
            return Int(bytes[at] & 127) << 24 | Int(bytes[at + 1]) << 16 | Int(bytes[at + 2]) << 8
                | Int(bytes[at + 3])
        }
        while at < bytes.count {
            let (name, value) = (length(), length())
            let text = String(decoding: bytes[at..<at + name], as: UTF8.self)
            pairs.append("\(text)=\(String(decoding: bytes[at + name..<at + name + value], as: UTF8.self))")
            at += name + value
        }
        return pairs
    }

    @Test(
        "names become HTTP_ and upper case",
        arguments: [
            ("Host: a.test\r\n", ["HTTP_HOST=a.test"]),
            ("x-forwarded-For: 1\r\n", ["HTTP_X_FORWARDED_FOR=1"]), ("Empty:\r\n", ["HTTP_EMPTY="]),
            ("A1-b2: x y\r\n", ["HTTP_A1_B2=x y"]), ("", []),
        ] as [(String, [String])])
    func names(lines: String, expected: [String]) { #expect(pairs(lines) == expected) }

    @Test("one name is one parameter, values in their order; cookies have a separator of their own")
    func repeated() {
        #expect(pairs("A: 1\r\nB: x\r\na: 2\r\nA: 3\r\n") == ["HTTP_A=1, 2, 3", "HTTP_B=x"])
        #expect(pairs("Cookie: a=1\r\nCookie: b=2\r\n") == ["HTTP_COOKIE=a=1; b=2"])
    }

    @Test("long values and names have long lengths")
    func long() {
        let value = String(repeating: "v", count: 300)
        let name = String(repeating: "n", count: 130)
        #expect(pairs("\(name): \(value)\r\n") == ["HTTP_\(name.uppercased())=\(value)"])
        #expect(pairs("A: \(value)\r\na: \(value)\r\n") == ["HTTP_A=\(value), \(value)"])
    }

    @Test(
        "Proxy never arrives, nor a name that could be taken for another one",
        arguments: [
            "Proxy: http://evil\r\n", "PROXY: x\r\n", "X_Forwarded_For: 1\r\n", "_: 1\r\n", "a.b: 1\r\n",
            "a+b: 1\r\n", "x!: 1\r\n", "Pro_xy: 1\r\n",
        ])
    func leftOut(line: String) { #expect(pairs("A: 1\r\n" + line) == ["HTTP_A=1"]) }

    @Test("more fields than a message may have are refused")
    func many() {
        #expect(pairs((0..<128).map { "A\($0): 1\r\n" }.joined())?.count == 128)
        #expect(pairs((0..<129).map { "A\($0): 1\r\n" }.joined()) == nil)
    }

    @Test("a value is found by its name in any case")
    func value() {
        let received = ReceivedBytes(Array("A: 1\r\nContent-TYPE: x/y\r\n\r\n".utf8))
        var table = HeaderTable()
        let tables = HeaderTablePool(keep: 1)
        tables.lend(to: &table)
        defer { tables.takeBack(&table) }
        let head = received.prefix(received.count)
        let isRead = table.read(lines: head)
        let (found, missing) = (
            table.value(of: "content-type", in: head).text, table.value(of: "missing", in: head).text
        )
        #expect(isRead && found == "x/y" && missing == "")
    }
}
