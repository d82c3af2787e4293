import Testing

@testable import Engine

@Suite("Counter")
struct CounterTests {
    @Test("counts up and down, and runs over without trapping")
    func counting() {
        let counter = Counter()
        counter.add()
        counter.add(41)
        counter.subtract(2)
        let counted = counter.value
        #expect(counted == 40)
        counter.subtract(41)
        let below = counter.value
        #expect(below == .max)
        counter.add(2)
        let again = counter.value
        #expect(again == 1)
    }
}
