import Basics
import Testing

@testable import Engine

@Suite("traceparent")
struct TraceParentTests {
    private static let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func read(_ text: String) -> TraceParent? { text.withView { TraceParent($0) } }

    private func written(_ parent: TraceParent) -> String {
        var buffer = Buffer(capacity: 128)
        buffer.write { parent.write(to: &$0) }
        return buffer.view.string
    }

    @Test("ids and the flag are read")
    func good() throws {
        let found = try #require(read(Self.good))
        #expect(found.traceHigh == 0x4bf9_2f35_77b3_4da6 && found.traceLow == 0xa3ce_929d_0e0e_4736)
        #expect(found.span == 0x00f0_67aa_0ba9_02b7 && found.isSampled)
        #expect(written(found) == Self.good)
    }

    @Test(
        "of the flags the one bit counts",
        arguments: [("00", false), ("01", true), ("02", false), ("03", true), ("fe", false), ("ff", true)])
    func flags(digits: String, isSampled: Bool) {
        #expect(read(Self.good.dropLast(2) + digits)?.isSampled == isSampled)
    }

    @Test(
        "a version to come is read as far as it is known",
        arguments: [
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-ever", true),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", true),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what", false),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ])
    func versions(text: String, isRead: Bool) {
        #expect((read(text) != nil) == isRead)
    }

    @Test(
        "whatever is not exactly of the form is nothing",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A",
            "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
            "00-4bf92f3577b34da6-a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "٠٠-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ])
    func bad(text: String) {
        #expect(read(text) == nil)
    }

    @Test("half a trace id of zeros is an id")
    func halves() {
        #expect(read("00-0000000000000000a3ce929d0e0e4736-00f067aa0ba902b7-00")?.traceHigh == 0)
        #expect(read("00-4bf92f3577b34da60000000000000000-00f067aa0ba902b7-00")?.traceLow == 0)
    }
}
