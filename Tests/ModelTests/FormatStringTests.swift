import Model
import Testing

@Suite("Formats")
struct FormatStringTests {
    private func sample(_ fetch: Fetch) throws -> FormatString.Part { .sample(try Expression(fetch), []) }

    @Test("a format needs what its expressions need, and no more")
    func needs() throws {
        #expect(FormatString([.text(Array("a".utf8)), .variable(.clientAddress, [])]).needs == [])
        let format = FormatString([try sample(.ofClient(.source)), try sample(.ofRequest(.path))])
        #expect(format.needs == [.connection, .request])
    }

    @Test("the first variable about requests is found, of HAProxy's own list")
    func requests() {
        let names = LogVariable.allCases.filter(\.isOfRequests).map(\.rawValue).sorted()
        #expect(
            names == [
                "CC", "CS", "HM", "HP", "HPO", "HQ", "HU", "HV", "TR", "Ta", "Ti", "Tq", "Tr", "r", "tr",
                "trg", "trl",
            ])
        let format = FormatString([.variable(.status, []), .variable(.query, []), .variable(.method, [])])
        #expect(format.firstVariableOfRequests == .query)
        #expect(FormatString([.variable(.status, [])]).firstVariableOfRequests == nil)
    }

    @Test("whether variables are asked for")
    func contains() {
        let format = FormatString([.blank, .variable(.uniqueID, [])])
        #expect(format.contains([.uniqueID, .requestNumber]))
        #expect(!format.contains([.requestNumber]))
    }

    @Test("every variable has a name of letters")
    func names() {
        #expect(LogVariable.allCases.count == 64)
        #expect(LogVariable.allCases.allSatisfy { $0.rawValue.allSatisfy(\.isLetter) })
    }
}
