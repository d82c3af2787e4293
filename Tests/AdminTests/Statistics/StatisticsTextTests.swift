import Engine
import Model
import Testing

@testable import Admin

@Suite("Statistics as text")
struct StatisticsTextTests {
    private func row(_ proxy: String = "web") -> StatisticsRow {
        StatisticsRow(.frontend, proxy: proxy, service: "FRONTEND", proxyID: 2, serviceID: 0, mode: "http")
    }

    @Test("each line has a value and a comma for each column")
    func lines() {
        let lines = StatisticsText.csv([row()]).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("# pxname,svname,qcur,"))
        #expect(lines.allSatisfy { $0.count { $0 == "," } == StatisticsColumn.allCases.count })
        #expect(lines[1].hasPrefix("web,FRONTEND,,,"))
        #expect(lines.allSatisfy { $0.hasSuffix(",") })
    }

    @Test(
        "what holds a separator stands in quotes",
        arguments: [
            ("a,b", "\"a,b\","), ("a\"b", "\"a\"\"b\","), ("a\nb", "\"a\nb\","), ("a b", "a b,"),
            ("\"", "\"\"\"\","),
        ])
    func quotes(name: String, text: String) {
        #expect(StatisticsText.csv([row(name)]).contains("\n" + text))
    }

    @Test("the typed format has a line for each value that is there")
    func typed() {
        var row = row()
        row[.sessions] = .gauge(7)
        row[.lastSession] = .age(nil)
        let text = StatisticsText.typed([row])
        #expect(text.hasPrefix("F.2.0.0.pxname.1:KNS:str:web\nF.2.0.1.svname.1:KNS:str:FRONTEND\n"))
        #expect(text.contains("F.2.0.4.scur.1:MGP:u32:7\n"))
        #expect(text.contains("F.2.0.55.lastsess.1:MAP:s32:-1\n"))
        #expect(!text.contains("qcur"))
        #expect(text.hasSuffix("\n\n"))
    }

    @Test("JSON names the object, the field, its tags and its value")
    func json() {
        var row = row("\"\u{1}")
        row[.rate] = .rate(3)
        let text = StatisticsText.json([row])
        #expect(
            text.hasPrefix(#"[[{"objType":"Frontend","proxyId":2,"id":0,"field":{"pos":0,"name":"pxname"}"#))
        #expect(text.contains(#""value":{"type":"str","value":"\"\u0001"}"#))
        #expect(
            text.contains(
                #""tags":{"origin":"Metric","nature":"Rate","scope":"Process"},"value":{"type":"u32","value":3}"#
            ))
    }

    @Test(
        "columns stand where HAProxy has them",
        arguments: [
            ("pxname", 0), ("status", 17), ("type", 32), ("hrsp_1xx", 39), ("lastsess", 55), ("addr", 73),
            ("eint", 94),
            ("agg_check_status", 102),
        ])
    func places(name: String, place: Int) {
        #expect(StatisticsColumn(rawValue: name)?.place == place)
    }
}
