import Model
import Testing

@Suite("Stick table settings")
struct StickTableTests {
    private func flaw(_ change: (inout StickTable) -> Void) -> StickTableFlaw? {
        var table = StickTable(type: .ip, size: 100)
        change(&table)
        return table.flaw
    }

    @Test("a plain one has no flaw")
    func plain() { #expect(flaw { _ in } == nil) }

    @Test("sizes and times are held within what can be counted", arguments: [Int.min, -1, Int.max])
    func bounds(number: Int) {
        #expect(flaw { $0.size = number } == .size)
        #expect(flaw { $0.expire = number } == .expire)
        #expect(flaw { $0.type = .string(length: number) } == .keyLength)
        #expect(flaw { $0.type = .binary(length: number) } == .keyLength)
        #expect(flaw { $0.stored = [StoredData(.gpt, count: number)] } == .elements(.gpt))
        #expect(flaw { $0.stored = [StoredData(.requestRate, period: number)] } == .period(.requestRate))
    }

    @Test("nothing is stored twice")
    func twice() {
        #expect(
            flaw { $0.stored = [StoredData(.gpc0), StoredData(.gpt0), StoredData(.gpc0)] } == .twice(.gpc0))
    }

    @Test("a rate needs a period, an array elements, and only arrays have several")
    func data() {
        #expect(flaw { $0.stored = [StoredData(.requestRate)] } == .period(.requestRate))
        #expect(flaw { $0.stored = [StoredData(.gpc, count: 0)] } == .elements(.gpc))
        #expect(flaw { $0.stored = [StoredData(.gpc, count: 101)] } == .elements(.gpc))
        #expect(flaw { $0.stored = [StoredData(.gpc, count: 100)] } == nil)
        #expect(flaw { $0.stored = [StoredData(.gpc0, count: 2)] } == .elements(.gpc0))
    }
}
