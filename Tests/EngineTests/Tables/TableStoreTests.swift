import Basics
import Model
import Testing

@testable import Engine

@Suite("Table store")
struct TableStoreTests {
    private let name = TableName("t")

    private func apply(_ model: StickTable?, to store: inout TableStore) -> (Set<TableName>, [Diagnostic]) {
        var problems: [Diagnostic] = []
        let touched = store.apply([name: model], problems: &problems)
        return (touched, problems)
    }

    @Test("a table keeps its entries through publishes that leave them as they are")
    func keeps() throws {
        var store = TableStore()
        var model = StickTable(type: .integer, size: 10, stored: [StoredData(.gpc0)])
        #expect(apply(model, to: &store).0 == [name])
        let table = try #require(store[name])
        table.obtain(TableKey(number: 1), now: 0) { _, _ in }
        model.expire = 50
        model.size = 20
        model.keepsEntries = true
        #expect(apply(model, to: &store).0 == [])
        #expect(store[name] === table)
        #expect(table.count == 1)
    }

    @Test("other keys or data are another table")
    func others() {
        var store = TableStore()
        _ = apply(StickTable(type: .integer, size: 10), to: &store)
        let table = store[name]
        #expect(apply(StickTable(type: .ip, size: 10), to: &store).0 == [name])
        #expect(store[name] !== table)
    }

    @Test("what is gone is gone, and comes back empty")
    func gone() {
        var store = TableStore()
        _ = apply(StickTable(type: .integer, size: 10), to: &store)
        store[name]?.obtain(TableKey(number: 1), now: 0) { _, _ in }
        #expect(apply(nil, to: &store).0 == [name])
        #expect(store[name] == nil)
        #expect(apply(nil, to: &store).0 == [])
        _ = apply(StickTable(type: .integer, size: 10), to: &store)
        #expect(store[name]?.count == 0)
    }

    @Test("unusable settings are told, and leave what was there")
    func flaw() {
        var store = TableStore()
        #expect(apply(StickTable(type: .ip, size: 0), to: &store).1.count == 1)
        #expect(store[name] == nil)
        _ = apply(StickTable(type: .ip, size: 5), to: &store)
        let table = store[name]
        #expect(
            apply(StickTable(type: .string(length: 0), size: 5), to: &store).1.map(\.reason) == [
                "InvalidTable"
            ])
        #expect(store[name] === table)
    }
}
