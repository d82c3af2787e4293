import Testing

@testable import Engine

@Suite("Random numbers")
struct RandomNumbersTests {
    @Test(
        "numbers below a bound are spread over all of it",
        arguments: [1, 2, 3, 100, 1_000_000_000, UInt32.max] as [UInt32])
    func below(bound: UInt32) {
        var random = RandomNumbers(seed: 9)
        let numbers = (0..<1_000).map { _ in random.next(below: bound) }
        #expect(numbers.allSatisfy { $0 < bound })
        let half = bound / 2
        #expect(bound == 1 || numbers.contains { $0 < half } && numbers.contains { $0 >= half })
        let lower = numbers.filter { $0 < half }.count
        #expect(bound < 100 || (400...600).contains(lower))
    }

    @Test("below nothing there is 0")
    func nothing() {
        var random = RandomNumbers(seed: 9)
        #expect(random.next(below: 0) == 0)
    }
}
