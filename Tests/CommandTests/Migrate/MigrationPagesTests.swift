import Model
import Testing

@testable import Command
@testable import Controller

@Suite("The report of a migration")
struct MigrationPagesTests {
    private var report: MigrationReport {
        var report = MigrationReport()
        report.ingresses = 2
        var object = MigrationReport.Object(
            kind: "Ingress", origin: Origin(namespace: "shop", name: "web"),
            place: SourceLocation(file: "a.yaml", line: 3),
            findings: [
                MigrationFinding("nginx/<b>", .refused, "it holds \"text\" & more", advice: "instead x"),
                MigrationFinding("nginx/a", .honoured),
            ])
        object.patch = ["nginx/a\"": nil, "nginx/b": "1\n2"]
        report.objects = [object]
        return report
    }

    @Test("text names object, place, verdict, reason and advice")
    func text() {
        #expect(
            MigrationText(report).text == """
                Ingress shop/web  a.yaml:3
                  refused      nginx/<b>: it holds "text" & more (instead x)
                  honoured     nginx/a

                2 Ingresses
                refused:
                  1 x nginx/<b>
                honoured:
                  1 x nginx/a
                Not all of it is kept.

                """)
    }

    @Test("the page escapes what it shows and needs nothing else")
    func page() {
        let page = MigrationPage(report).text
        #expect(page.contains("nginx/&lt;b&gt;") && !page.contains("<b>:"))
        #expect(page.contains("&quot;text&quot; &amp; more"))
        #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
    }

    @Test("a patch is YAML that no value breaks out of")
    func patches() {
        let files = MigrationPatches(report).files
        #expect(files.map(\.name) == ["shop.web.yaml"])
        #expect(files.first?.text.contains("    \"nginx/a\\\"\": null\n") == true)
        #expect(files.first?.text.contains("    \"nginx/b\": \"1\\n2\"\n") == true)
    }

    @Test("a name that leads out of the folder has no file", arguments: ["../x", "a/b", ".", "", "A", "a\n"])
    func names(name: String) {
        var report = report
        report.objects[0].origin.name = name
        #expect(MigrationPatches(report).files.isEmpty)
    }
}
