import Basics

/// Where exchanges of one worker keep their variables: a store that one has given back the next one takes as it is, empty and with its
/// memory, so that a request's first variable costs little more than its bytes.
final class VariablePool {
    private let buffers: BufferPool
    private let stores = Slab<VariableStore>()
    /// Stores that wait for the next exchange: last in, first out.
    private let spare: FixedArray<Ref<VariableStore>?>
    private var spareCount = 0

    /// Memory comes from `buffers`; at most `keep` unused stores are kept.
    init(_ buffers: BufferPool, keep: Int) {
        self.buffers = buffers
        spare = FixedArray(count: keep) { _ in nil }
    }

    deinit {
        while let store = takeSpare() { discard(store) }
    }

    /// How many stores are out.
    var lent: Int { stores.count - spareCount }

    /// An empty store.
    @inline(__always)
    func take() -> Ref<VariableStore> { takeSpare() ?? stores.insert(making: { VariableStore() }) }

    /// Takes a store back. Nobody may hold it any more: the next exchange may begin within the same round of events.
    func takeBack(_ store: Ref<VariableStore>) {
        // What has grown is not kept.
        guard spareCount < spare.count, store[].capacity <= buffers.size else { return discard(store) }
        store[].removeAll()
        spare[spareCount] = store
        spareCount &+= 1
    }

    @inline(__always)
    private func takeSpare() -> Ref<VariableStore>? {
        guard spareCount > 0 else { return nil }
        spareCount &-= 1
        return spare[spareCount]
    }

    private func discard(_ store: Ref<VariableStore>) {
        store[].end(buffers)
        stores.remove(store)
        stores.reclaim()
    }
}
