import Basics
import Glibc
import Model
import Testing

@testable import Engine

@Suite("Frames of log lines")
struct LogFrameTests {
    private func written(_ framing: LogFraming, data: String = "", host: String? = nil) -> String {
        var buffer = Buffer(capacity: 512)
        var frame = LogFrame(process: 4711)
        data.withView { data in
            let record = LogRecord(
                plan: 0, level: 6, time: 1_795_237_506_000_042_000, data: data, message: .empty)
            _ = buffer.write {
                frame.write(framing, record, level: 5, facility: 16, tag: "web", host: host, to: &$0)
            }
        }
        return buffer.view.string
    }

    private var minute: String {
        var seconds = time_t(1_795_237_506)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return "\(parts.tm_hour < 10 ? "0" : "")\(parts.tm_hour):05:06"
    }

    @Test("the legacy forms have a priority, a date without a year, and a name with a number")
    func legacy() {
        #expect(written(.local).hasPrefix("<133>Nov "))
        #expect(written(.local).hasSuffix(" \(minute) web[4711]: "))
        #expect(written(.rfc3164).hasSuffix(" \(minute) localhost web[4711]: "))
        #expect(written(.rfc3164, host: "edge").hasSuffix(" \(minute) edge web[4711]: "))
        #expect(written(.local, host: "edge").hasSuffix(" \(minute) web[4711]: "))
    }

    @Test(
        "RFC 5424 has microseconds, dashes for what is missing, and structured data without blanks around it")
    func modern() {
        #expect(written(.rfc5424).hasPrefix("<133>1 2026-11-"))
        #expect(written(.rfc5424).contains("\(minute).000042"))
        #expect(written(.rfc5424).hasSuffix(" - web 4711 - - "))
        #expect(
            written(.rfc5424, data: "[a@1 b=\"c\"] ", host: "edge").hasSuffix(
                " edge web 4711 - [a@1 b=\"c\"] "))
    }

    @Test("the short forms have a level without a facility, a time, both, or nothing")
    func short() {
        #expect(written(.raw) == "")
        #expect(written(.priority) == "<133>")
        #expect(written(.short) == "<5>")
        #expect(written(.timed).hasPrefix("<5>2026-11-"))
        #expect("<5>" + written(.iso) == written(.timed))
        #expect(written(.iso).last == " ")
    }
}

@Suite("Records of log lines")
struct LogRecordTests {
    @Test("records are read as they were written, one behind the other")
    func roundTrip() {
        var buffer = Buffer(capacity: 256)
        "data".withView { data in
            "a message".withView { message in
                for plan in [UInt16(7), 65_535] {
                    let record = LogRecord(
                        plan: plan, level: 3, time: 1_795_237_506_000_000_001, data: data, message: message)
                    let fits = record.append(to: &buffer)
                    #expect(fits)
                }
            }
        }
        var rest = buffer.view
        var plans: [UInt16] = []
        while let record = LogRecord.first(of: rest) {
            plans.append(record.plan)
            #expect(record.level == 3)
            #expect(record.time == 1_795_237_506_000_000_001)
            #expect(record.data.string == "data")
            #expect(record.message.string == "a message")
            rest = rest[record.count..<rest.count]
        }
        #expect(plans == [7, 65_535])
        #expect(rest.isEmpty)
    }

    @Test("bytes that are no whole record are none")
    func broken() {
        var buffer = Buffer(capacity: 256)
        let record = LogRecord(plan: 0, level: 0, time: 0, data: .empty, message: ("m" as StaticString).view)
        _ = record.append(to: &buffer)
        for count in 0..<record.count {
            let part = buffer.view[0..<count]
            #expect(LogRecord.first(of: part).map(\.count) == nil)
        }
        let text: StaticString = " longer than a head, but no record "
        #expect(LogRecord.first(of: text.view).map(\.count) == nil)
    }

    @Test("a record that does not fit leaves nothing behind")
    func full() {
        var buffer = Buffer(capacity: 30)
        let record = LogRecord(
            plan: 0, level: 0, time: 0, data: .empty, message: ("too long" as StaticString).view)
        let fits = record.append(to: &buffer)
        let isEmpty = buffer.isEmpty
        #expect(!fits)
        #expect(isEmpty)
    }
}
