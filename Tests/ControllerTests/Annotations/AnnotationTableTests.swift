import Basics
import Glibc
import Testing

@testable import Controller

@Suite("The table of annotations")
struct AnnotationTableTests {
    @Test("no name stands in two rows")
    func unique() {
        let names = AnnotationTable.rows.flatMap(\.setting.names)
        let repeated = Dictionary(grouping: names) { $0 }.filter { $0.value.count > 1 }.keys
        #expect(repeated.map(\.text).sorted() == [])
    }

    @Test("whoever is known under ingress-nginx's prefix is known under ours")
    func aliases() {
        let own = Set(
            AnnotationTable.rows.flatMap(\.setting.names).filter { $0.dialect == .sluice }.map(\.text))
        let others = AnnotationTable.rows.filter { row in
            !row.setting.names.contains { own.contains($0.text) }
                && row.setting.names.allSatisfy { $0.dialect == .nginx }
        }
        #expect(others.map { $0.setting.names.first?.text } == [])
    }

    @Test("the document lists every annotation as it is")
    func document() throws {
        let place = SourcePlace.root + "/docs/annotations.md"
        let text = AnnotationDocument.text
        guard getenv("SLUICE_WRITE_DOCUMENTS") == nil else {
            let file = try #require(fopen(place, "w"))
            fputs(text, file)
            fclose(file)
            return
        }
        #expect(SourcePlace.text(of: place) == text, "SLUICE_WRITE_DOCUMENTS=1 writes it anew")
    }
}

/// Files of this repository.
private enum SourcePlace {
    static let root = String(#filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" })

    static func text(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = fgetc(file)
            guard byte != EOF else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
    }
}
