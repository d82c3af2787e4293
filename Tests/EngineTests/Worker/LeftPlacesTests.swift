import Testing

@testable import Engine

@Suite("Places that were left")
struct LeftPlacesTests {
    @Test("a place is free when every worker knows that it was left, and nobody is of it")
    func free() {
        var left = LeftPlaces()
        left.note(unused: [3, 5], at: 7)
        #expect(left.free(adopted: 6) { _ in true }.isEmpty)
        #expect(left.free(adopted: 7) { _ in true } == [3, 5])
        #expect(left.free(adopted: 8) { $0 == 5 } == [5])
    }

    @Test("what is left for long keeps its time, what is used again loses it")
    func again() {
        var left = LeftPlaces()
        left.note(unused: [3, 5], at: 7)
        left.note(unused: [3], at: 9)
        #expect(left.free(adopted: 7) { _ in true } == [3])
        left.note(unused: [3, 5], at: 11)
        #expect(left.free(adopted: 10) { _ in true } == [3])
        #expect(left.free(adopted: 11) { _ in true } == [3, 5])
    }
}
