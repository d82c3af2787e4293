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
