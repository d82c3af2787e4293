import Basics
import Testing

@Suite("BufferPool")
struct BufferPoolTests {
    @Test("lends memory and knows how much is out")
    func lending() {
        let pool = BufferPool(size: 100, keep: 1)
        var first = Buffer()
        var second = Buffer()
        pool.lend(to: &first)
        pool.lend(to: &first)
        pool.lend(to: &second)
        let lent = (pool.lent, first.room, second.room, first.hasMemory)
        pool.takeBack(&first)
        pool.takeBack(&first)
        pool.takeBack(&second)
        let back = (pool.lent, first.hasMemory, first.room, first.append(1))
        #expect(lent == (2, 100, 100, true))
        #expect(back == (0, false, 0, false))
    }

    @Test("memory that is lent again holds nothing")
    func lentAgain() {
        let pool = BufferPool(size: 10, keep: 4)
        var buffer = Buffer()
        pool.lend(to: &buffer)
        buffer.append("secret")
        buffer.consume(2)
        pool.takeBack(&buffer)
        pool.lend(to: &buffer)
        let found = (buffer.count, buffer.room, buffer.viewFromBase.count)
        pool.takeBack(&buffer)
        #expect(found == (0, 10, 0))
    }

    @Test("keeps what a buffer already has")
    func keepsBytes() {
        let pool = BufferPool(size: 10, keep: 1)
        var buffer = Buffer()
        pool.lend(to: &buffer)
        buffer.append("abc")
        pool.lend(to: &buffer, atLeast: 1000)
        let text = buffer.view.string
        pool.takeBack(&buffer)
        #expect(text == "abc")
    }

    @Test(
        "lends more than its size when asked, and never that much to another", arguments: [0, 1, 10, 11, 500])
    func larger(bytes: Int) {
        let pool = BufferPool(size: 10, keep: 8)
        var buffer = Buffer()
        pool.lend(to: &buffer, atLeast: bytes)
        let first = buffer.room
        let isFilled = (0..<first).allSatisfy { buffer.append(UInt8($0 % 256)) } && !buffer.append(0)
        pool.takeBack(&buffer)
        pool.lend(to: &buffer)
        let second = buffer.room
        pool.takeBack(&buffer)
        #expect(first == max(10, bytes) && isFilled && second == 10 && pool.lent == 0)
    }

    @Test("buffers that are lent at once never share memory")
    func apart() {
        let pool = BufferPool(size: 16, keep: 2)
        let buffers = FixedArray<Buffer>(count: 20) { _ in Buffer() }
        for _ in 0..<3 {
            for i in 0..<20 {
                pool.lend(to: &buffers[i])
                for _ in 0..<16 { buffers[i].append(UInt8(i)) }
            }
            let isOwn = (0..<20).allSatisfy { i in
                buffers[i].view.bytes == [UInt8](repeating: UInt8(i), count: 16)
            }
            for i in 0..<20 { pool.takeBack(&buffers[i]) }
            #expect(isOwn)
        }
    }
}
