import Testing

@testable import Engine

@Suite("Requests of an address at a time")
struct AddressCountsTests {
    @Test("as many come in as may, and another when one has left")
    func counts() {
        let counts = AddressCounts()
        #expect(counts.enter(7, most: 2) && counts.enter(7, most: 2))
        #expect(!counts.enter(7, most: 2))
        #expect(counts.enter(8, most: 2))
        counts.leave(7)
        #expect(counts.enter(7, most: 2))
    }

    @Test("nothing is kept of who has left")
    func forgotten() {
        let counts = AddressCounts()
        for address in 0..<1_000 as Range<UInt64> { #expect(counts.enter(address, most: 1)) }
        #expect(counts.count == 1_000)
        for address in 0..<1_000 as Range<UInt64> { counts.leave(address) }
        counts.leave(1)
        #expect(counts.count == 0)
    }
}
