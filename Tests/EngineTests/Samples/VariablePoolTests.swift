import Basics
import Model
import Testing

@testable import Engine

@Suite("Stores of variables that exchanges take in turn")
struct VariablePoolTests {
    private static let name = VariableKey(Variable(.transaction, "one"))
    private let buffers = BufferPool(size: 64, keep: 4)

    /// Whether a variable of `count` bytes fits.
    private func fill(_ store: Ref<VariableStore>, _ count: Int) -> Bool {
        [UInt8](repeating: 1, count: count).withView {
            store[].set(Self.name, to: .string($0), pool: buffers)
        }
    }

    @Test("what was given back comes again, empty and with its memory")
    func again() {
        let pool = VariablePool(buffers, keep: 2)
        let (first, second) = (pool.take(), pool.take())
        #expect(first != second && pool.lent == 2)
        #expect(fill(first, 8) && fill(second, 9))
        pool.takeBack(first)
        #expect(pool.lent == 1 && buffers.lent == 2)
        let third = pool.take()
        #expect(third == first && third[].size == 0 && third[].capacity == 64)
        #expect(third[].view(Self.name) == nil && second[].view(Self.name)?.count == 9)
        pool.takeBack(second)
        pool.takeBack(third)
        #expect(pool.lent == 0)
    }

    @Test("what has grown, and what is too many, gives its memory back")
    func limits() {
        let pool = VariablePool(buffers, keep: 1)
        let (large, one, another) = (pool.take(), pool.take(), pool.take())
        #expect(fill(large, 1000) && fill(one, 1) && fill(another, 1))
        #expect(buffers.lent == 3)
        pool.takeBack(large)
        #expect(buffers.lent == 2)
        pool.takeBack(one)
        pool.takeBack(another)
        #expect(buffers.lent == 1 && pool.lent == 0)
    }

    @Test("it gives all memory back when it ends")
    func ending() {
        var pool: VariablePool? = VariablePool(buffers, keep: 2)
        if let store = pool?.take() {
            #expect(fill(store, 1))
            pool?.takeBack(store)
        }
        #expect(buffers.lent == 1)
        pool = nil
        #expect(buffers.lent == 0)
    }
}
