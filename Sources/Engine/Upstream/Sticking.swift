import Basics

/// What stick tables have to do with one exchange, between its request and its answer.
struct Sticking: ~Copyable {
    /// Whether a table chose the server.
    var isDirect = false
    /// The keys that are texts, one behind the other; lent memory while there are any.
    var texts = Buffer()
    private(set) var count = 0
    private var stores = InlineArray<8, Store?>(repeating: nil)

    /// An entry that will name the server of the exchange.
    struct Store {
        let table: Unmanaged<SharedTable>
        /// Of texts: without their bytes.
        let key: TableKey
        let text: Range<Int>?
    }

    /// As many as HAProxy keeps.
    private static var most: Int { 8 }

    /// Forgets everything.
    mutating func clear() {
        isDirect = false
        texts.reset()
        count = 0
    }

    /// Whether a key for this table is noted. Only the first one of each counts.
    func notes(_ table: Unmanaged<SharedTable>) -> Bool {
        (0..<count).contains { stores[$0]?.table.toOpaque() == table.toOpaque() }
    }

    /// Notes a key; its bytes are copied. What there is no room for is not remembered.
    mutating func note(_ key: TableKey, for table: Unmanaged<SharedTable>, _ buffers: BufferPool) {
        guard count < Sticking.most else { return }
        var range: Range<Int>?
        if let text = key.text {
            buffers.lend(to: &texts)
            guard texts.room >= text.count else { return }
            range = texts.count..<texts.count + text.count
            texts.append(text)
        }
        stores[count] = Store(table: table, key: key.withoutText, text: range)
        count += 1
    }

    /// One of the keys with its table; good until something is noted.
    func store(_ index: Int) -> (Unmanaged<SharedTable>, TableKey)? {
        guard index < count, let store = stores[index] else { return nil }
        guard let range = store.text else { return (store.table, store.key) }
        return (store.table, store.key.with(texts.view[range]))
    }
}
