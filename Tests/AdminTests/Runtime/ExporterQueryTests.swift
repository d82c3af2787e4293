import Testing

@testable import Admin

@Suite("What a request wants of the exporter")
struct ExporterQueryTests {
    private func scopes(_ query: String) -> Set<String>? {
        ExporterQuery("/metrics" + query).map { Set($0.scopes.map(\.rawValue)) }
    }

    private static let all = Set(ExporterQuery.Scope.allCases.map(\.rawValue))

    @Test("scopes are read in their order: an empty one forgets those before it")
    func scopes() {
        #expect(scopes("") == Self.all && scopes("?") == Self.all && scopes("?x=1") == Self.all)
        #expect(scopes("?scope=server") == ["server"])
        #expect(scopes("?scope=frontend&scope=backend") == ["frontend", "backend"])
        #expect(scopes("?scope=*&scope=") == [])
        #expect(scopes("?scope=&scope=global") == ["global"])
        #expect(scopes("?scope=%2a") == Self.all && scopes("?scope=listener#x") == ["listener"])
        #expect(scopes("?scope=resolvers&scope=sticktable") == ["resolver", "sticktable"])
    }

    @Test(
        "what can not be understood is refused",
        arguments: [
            "?scope", "?scope=servers", "?scope=a=b", "?x=a=b", "?scope=%zz", "?%4", "?metrics",
        ])
    func refused(query: String) { #expect(ExporterQuery("/metrics" + query) == nil) }

    @Test("names of families are asked for, or left out")
    func metrics() {
        let without = ExporterQuery("/?metrics=-a,-,&metrics=-b")
        #expect(without?.wants("a") == false && without?.wants("b") == false && without?.wants("c") == true)
        let only = ExporterQuery("/?metrics=a,-b,c&metrics=-c")
        #expect(only?.wants("a") == true && only?.wants("b") == false)
        #expect(only?.wants("c") == false && only?.wants("d") == false)
        #expect(ExporterQuery("/?metrics=a&metrics=-a")?.wants("b") == false)
        // No name: all come.
        #expect(ExporterQuery("/?metrics=")?.wants("a") == true)
    }

    @Test("words without a value")
    func flags() {
        let query = ExporterQuery("/metrics?no-maint=&desc-labels&extra-counters")
        #expect(query?.hidesMaintenance == true && query?.addsDescriptions == true)
        let plain = ExporterQuery("/metrics?maint")
        #expect(plain?.hidesMaintenance == false && plain?.addsDescriptions == false)
    }
}
