import Testing

@testable import Command

@Suite("A latch")
struct LatchTests {
    @Test("what has happened is not waited for, however often one asks")
    func open() {
        let latch = Latch()
        latch.open()
        #expect(latch.wait(milliseconds: 0))
        #expect(latch.wait(milliseconds: 60_000))
    }

    @Test("what does not happen is waited for so long and no longer")
    func closed() {
        #expect(!Latch().wait(milliseconds: 0))
        #expect(!Latch().wait(milliseconds: 5))
    }
}
