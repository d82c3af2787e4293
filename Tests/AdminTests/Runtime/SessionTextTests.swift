import Engine
import Model
import Testing
import Wire

@testable import Admin

@Suite("Sessions, faults and files as text")
struct SessionTextTests {
    @Test("a session is one line, as HAProxy's")
    func line() {
        var report = SessionReport()
        report.id = 0xAB
        report.source = SocketAddress("10.0.0.1", port: 5) ?? SocketAddress()
        (report.frontend, report.backend, report.number, report.age) = ("f", "b", 3, 65_000_000_000)
        #expect(
            SessionText.line(report)
                == "0xab: proto=tcpv4 src=10.0.0.1:5 fe=f be=b srv=<none> ts=00 epoch=0 age=1m5s calls=3 rate=0 cpu=0 lat=0 "
                + "rq[f=0h,i=0,an=00h,rx=,wx=,ax=] rp[f=0h,i=0,an=00h,rx=,wx=,ax=] scf=[8,0h,fd=-1] scb=[8,1h,fd=-1] exp= rc=0 "
                + "c_exp=\n")
    }

    @Test("times are two units")
    func spans() {
        #expect(
            [5, 65, 3_725, 90_061].map { SessionText.span($0 * 1_000_000_000) } == [
                "5s", "1m5s", "1h2m", "1d1h",
            ])
    }

    @Test("bytes that are not understood are shown in lines of less than eighty columns")
    func dump() {
        let bytes =
            Array("GET\\ \t\r\n".utf8) + [0x01, 0xFF] + [UInt8](repeating: UInt8(ascii: "a"), count: 100)
        let lines = FaultText.dump(bytes).split(separator: "\n")
        #expect(lines[0] == #"  00000  GET\\ \t\r\n"#)
        #expect(lines[1].hasPrefix(#"  00008  \x01\xFFaaa"#))
        #expect(lines[2].hasPrefix("  00072+ aaa"))
        #expect(lines.allSatisfy { $0.utf8.count < 80 })
        #expect(FaultText.dump([]) == "")
    }

    @Test("files that are mapped stand with all they take")
    func libraries() {
        let maps =
            "00001000-00002000 r--p 0 0:0 1    /a/b c\n00003000-00004000 r-xp 0 0:0 1    /a/b c\n0-1 r 0 0:0 0\n"
        #expect(LoadedObjects.text(maps) == "0x000000001000-0x000000003fff (0x0003000) /a/b c\n")
    }
}
