import Model
import Testing

@Suite("Targets of logs")
struct LogTargetTests {
    @Test(
        "samples are read and written",
        arguments: [("1:1", "1:1"), ("2-3:10", "2-3:10"), ("8,1-3:20", "1-3,8:20"), ("5-5:5", "5:5")])
    func samples(text: String, canonical: String) throws {
        #expect(try #require(LogSample(text)).description == canonical)
    }

    @Test(
        "what is no sample is none",
        arguments: [
            "", "1", "0:3", "4:3", "2-1:3", "1-2,2:3", "1:0", "a:3", "1:b", "1,:3", "1-2-3:4", "1:2:3", ":3",
        ])
    func broken(text: String) {
        #expect(LogSample(text) == nil)
    }

    @Test("of so many lines those of the ranges are taken, again and again")
    func taking() throws {
        let sample = try #require(LogSample("1,3-4:5"))
        #expect(
            (0..<10).map { sample.takes($0) } == [
                true, false, true, true, false, true, false, true, true, false,
            ])
    }

    @Test("levels and facilities have HAProxy's names and syslog's numbers")
    func names() {
        #expect(LogLevel(name: "emerg")?.rawValue == 0)
        #expect(LogLevel(name: "info")?.rawValue == 6)
        #expect(LogLevel(name: "loud") == nil)
        #expect(LogLevel.error < .information)
        #expect(LogFacility(name: "local7")?.code == 23)
        #expect(LogFacility(name: "local8") == nil)
        #expect(LogFacility.local0.name == "local0")
        #expect(LogLevel.allCases.map(\.name) == LogLevel.names)
    }
}
