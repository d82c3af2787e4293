import Testing

@testable import Model

@Suite("FastCGI")
struct FastCGITests {
    private func text(_ name: String, _ text: String) -> FastCGI.Parameter {
        FastCGI.Parameter(name, [.format(FormatString([.text(Array(text.utf8))]))])
    }

    @Test("each name is there once, those of nginx's file among them")
    func usual() {
        let names = FastCGI().parameters.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(
            names.contains("REDIRECT_STATUS") && names.contains("QUERY_STRING")
                && !names.contains("PATH_INFO"))
    }

    @Test("what is set takes the place of the same name, or comes behind")
    func setting() {
        var settings = FastCGI()
        let count = settings.parameters.count
        settings.set([text("SERVER_NAME", "x"), text("MORE", "y")])
        #expect(settings.parameters.count == count + 1 && settings.parameters.last == text("MORE", "y"))
        #expect(settings.parameters.first { $0.name == "SERVER_NAME" } == text("SERVER_NAME", "x"))
    }

    @Test("scripts are looked for where DOCUMENT_ROOT says, unless SCRIPT_FILENAME is said too")
    func root() {
        var settings = FastCGI()
        settings.set([text("DOCUMENT_ROOT", "/srv")])
        #expect(settings.parameters[0].name == "SCRIPT_FILENAME")
        #expect(settings.parameters[0].value == text("", "/srv").value + [.variable(.scriptName)])
        settings.set([text("DOCUMENT_ROOT", "/other"), text("SCRIPT_FILENAME", "/a.php")])
        #expect(settings.parameters[0] == text("SCRIPT_FILENAME", "/a.php"))
    }
}
