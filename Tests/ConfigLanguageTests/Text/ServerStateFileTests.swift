import Model
import Testing

@testable import ConfigLanguage

@Suite("Files of servers' states")
struct ServerStateFileTests {
    private static let head = "1\n# be_id be_name srv_id srv_name srv_addr …\n"
    /// As Debian's haproxy writes it.
    private static let sample =
        "3 b 1 s 127.0.0.1 2 0 7 9 61 6 3 4 6 0 0 0 - 8080 - 0 0 - - 0\n"

    private func read(_ text: String) -> ServerStateFile { ServerStateFile(Array(text.utf8)) }

    /// The line with another word at a place.
    private func file(_ place: Int, _ word: String) -> ServerStateFile {
        var words = Self.sample.split(separator: " ").map(String.init)
        words[place] = word + (place == words.count - 1 ? "\n" : "")
        return read(Self.head + words.joined(separator: " "))
    }

    @Test("a line as it is written")
    func line() throws {
        let file = read(Self.head + "\n  # nothing\n" + Self.sample)
        #expect(file.problems.isEmpty)
        let line = try #require(file.lines.first)
        #expect((line.backend, line.backendID, line.server, line.number) == ("b", 3, "s", 5))
        #expect(!line.hasGivenID)
        var record = ServerStateRecord()
        (record.weight, record.configuredWeight, record.seconds) = (7, 9, 61)
        (record.checkStatus, record.checkLevel) = (6, 4)
        (record.address, record.port) = ("127.0.0.1", 8080)
        #expect(line.record == record)
    }

    @Test("a line of an older version ends with the record of its service")
    func older() {
        let words = Self.sample.split(separator: " ").prefix(20).joined(separator: " ")
        #expect(read("1\n" + words + "\n").lines.count == 1)
    }

    @Test("checks and agents that were ended, where they are, and a name")
    func rest() {
        #expect(file(13, "2").lines.first?.record.pausesCheck == true)
        #expect(file(13, "0").lines.first?.record.pausesCheck == false)
        #expect(file(14, "18").lines.first?.record.pausesAgent == true)
        #expect(file(14, "22").lines.first?.record.pausesAgent == false)
        #expect(file(17, "web.example").lines.first?.record.name == "web.example")
        #expect(file(22, "::1").lines.first?.record.checkAddress == "::1")
        #expect(file(24, "81").lines.first?.record.agentPort == 81)
        #expect(file(15, "1").lines.first?.hasGivenID == true)
        #expect(file(4, "-").lines.first?.record.address == nil)
    }

    @Test(
        "what is wrong with a field leaves the line out, and says which",
        arguments: [
            (5, "4"), (5, "x"), (6, "9"), (6, "128"), (6, "-1"), (7, "257"), (8, "257"), (9, "-5"),
            (10, "21"), (11, "5"), (12, "x"), (13, "32"), (14, "64"), (15, "2"), (16, "2"), (18, "65536"),
            (21, "x"), (22, "nowhere"), (23, "1.2.3"), (24, "-1"),
        ])
    func faults(place: Int, word: String) {
        let file = file(place, word)
        #expect(file.lines.isEmpty && file.problems.count == 1)
        #expect(file.problems.first?.line == 3)
        #expect(file.problems.first?.sentence.contains("'b/s' is not used") == true)
        #expect(file.problems.first?.sentence.contains("is '\(word)'") == true)
    }

    @Test("what is found out anew is no part of what operators want")
    func inherited() {
        for bits in [2, 16, 32, 64, 32 + 64 + 8] {
            #expect(file(6, "\(bits)").problems.isEmpty, "\(bits)")
        }
    }

    @Test(
        "files that are cut or of another form are not used at all",
        arguments: [
            ("", 1), ("\n", 1), ("2\n", 1), ("1", 1), ("1 \n" + sample, 1), ("1\n" + sample.dropLast(), 2),
            ("1\n" + sample + "3 b 1\n", 3), ("1\n" + sample + sample.dropLast() + " 1\n", 3),
            ("<html>\n", 1),
        ])
    func refused(text: String, number: Int) {
        let file = read(text)
        #expect(file.lines.isEmpty && file.problems.map(\.line) == [number])
    }

    @Test("whatever is in a file, it is read to its end")
    func anything() {
        let whole = Array((Self.head + Self.sample + Self.sample).utf8)
        var state: UInt64 = 1
        func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for _ in 0..<2_000 {
            var bytes = whole
            for _ in 0...next(below: 6) {
                switch next(below: 3) {
                case 0: bytes[next(below: bytes.count)] = UInt8(next(below: 256))
                case 1: bytes.remove(at: next(below: bytes.count))
                default: bytes.insert(contentsOf: Array("-9 \n".utf8), at: next(below: bytes.count))
                }
            }
            let file = ServerStateFile(bytes)
            #expect(file.lines.count <= bytes.count / 40)
            #expect(file.problems.allSatisfy { $0.line >= 1 && !$0.sentence.contains("\n") })
        }
    }
}
