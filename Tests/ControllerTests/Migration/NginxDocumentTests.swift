import Glibc
import Testing

@testable import Controller

@Suite("The way from ingress-nginx")
struct NginxDocumentTests {
    private static let path =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/docs/ingress-nginx.md"

    @Test("docs/ingress-nginx.md is what the tables say")
    func document() throws {
        if getenv("SLUICE_WRITE_DOCUMENTS") != nil, let file = fopen(Self.path, "w") {
            fputs(NginxDocument.text, file)
            fclose(file)
        }
        let found = String(decoding: try FolderTree.read(Self.path).get(), as: UTF8.self)
        #expect(found == NginxDocument.text, "SLUICE_WRITE_DOCUMENTS=1 writes it anew")
    }

    @Test("every annotation of ingress-nginx has a row")
    func annotations() {
        #expect(NginxReference.annotations.filter { AnnotationTable.place(of: .nginx($0)) == nil } == [])
    }

    @Test(
        "all of what is used often is honoured, or differs in a way that is told, but for snippets and a firewall"
    )
    func usedOften() {
        let snippets: Set<String> = [
            "configuration-snippet", "server-snippet", "stream-snippet", "auth-snippet",
            "modsecurity-snippet",
        ]
        // Refused by what they are: there is no web application firewall here.
        let firewall: Set<String> = ["enable-modsecurity", "enable-owasp-core-rules"]
        let (most, often) = (NginxTiers.counted(NginxTiers.most), NginxTiers.counted(NginxTiers.often))
        #expect(most.all.count == NginxTiers.most.count && often.all.count == NginxTiers.often.count)
        #expect(Set(most.refused).subtracting(snippets) == [])
        #expect(Set(often.refused).subtracting(snippets) == firewall)
    }

    @Test("of what is rare nine of ten are, too")
    func rare() {
        let rare = NginxTiers.counted(nil)
        #expect(rare.all.count >= 50)
        #expect(Double(rare.all.count - rare.refused.count) >= 0.9 * Double(rare.all.count))
    }

    @Test("no corner of which nothing is said stands twice")
    func silences() {
        let names = NginxSilence.all.map { "\($0.annotation): \($0.corner)" }
        #expect(Set(names).count == names.count)
    }

    @Test("what differs says how, and what is refused says why")
    func reasons() {
        for row in AnnotationTable.rows {
            switch row.standing {
            case .honoured: break
            case .differs(let how): #expect(!how.isEmpty)
            case .refused(let why, _): #expect(!why.isEmpty || row.isNeedless)
            }
        }
    }

    @Test("every key of its ConfigMap has a row")
    func keys() {
        #expect(NginxReference.keys.filter { TrafficTable.table.row(named: $0) == nil } == [])
    }

    @Test("every flag of it has a row, and no name stands twice")
    func flags() {
        #expect(NginxReference.flags.filter { NginxFlagTable.flag($0) == nil } == [])
        #expect(Set(NginxFlagTable.flags.map(\.name)).count == NginxFlagTable.flags.count)
    }
}
