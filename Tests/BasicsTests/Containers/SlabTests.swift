import Basics
import Testing

@Suite("Slab")
struct SlabTests {
    /// Counts what lives, to see what a slab destroys and when.
    private final class Living {
        var count = 0
    }

    private struct Guest: ~Copyable {
        let living: Living
        var number: Int

        init(_ living: Living, _ number: Int) {
            (self.living, self.number) = (living, number)
            living.count += 1
        }

        deinit { living.count -= 1 }
    }

    @Test("values stay where they are while others come and go")
    func stable() {
        let (slab, living) = (Slab<Guest>(), Living())
        let guests = (0..<1000).map { slab.insert(Guest(living, $0)) }
        #expect(slab.count == 1000 && living.count == 1000)
        #expect(Set(guests.map(\.bits)).count == 1000)
        for (number, guest) in guests.enumerated() where number % 3 == 0 { slab.remove(guest) }
        let isInPlace = guests.enumerated().allSatisfy { number, guest in guest[].number == number }
        #expect(isInPlace && slab.count == 666)
        for (number, guest) in guests.enumerated() where number % 3 != 0 { slab.remove(guest) }
        slab.reclaim()
        #expect(living.count == 0 && slab.count == 0)
    }

    @Test("a removed value lives until it is reclaimed, and its place is not given away before")
    func removed() {
        let (slab, living) = (Slab<Guest>(), Living())
        let old = slab.insert(making: { Guest(living, 1) })
        slab.remove(old)
        let others = (0..<300).map { slab.insert(Guest(living, $0)) }
        #expect(old[].number == 1 && living.count == 301)
        #expect(!others.contains(old))
        slab.reclaim()
        #expect(living.count == 300)
        let next = slab.insert(Guest(living, 2))
        #expect(next == old && next[].number == 2)
        for other in others + [next] { slab.remove(other) }
        slab.reclaim()
        #expect(living.count == 0)
    }

    @Test("a reference survives the way through the kernel's token")
    func bits() {
        let (slab, living) = (Slab<Guest>(), Living())
        let guest = slab.insert(Guest(living, 7))
        let token = guest.bits
        let again = Ref<Guest>(bits: token)
        #expect(token & 7 == 0 && again == guest)
        again[].number = 8
        #expect(guest[].number == 8)
        slab.remove(guest)
        slab.reclaim()
    }

    @Test("random coming and going is as in a dictionary", arguments: 0..<6)
    func random(seed: UInt64) {
        var random = SeededNumbers(seed: seed)
        let (slab, living) = (Slab<Guest>(), Living())
        var model: [UInt64: Int] = [:]
        var waiting = 0
        var faults = 0
        for number in 0..<4000 {
            switch Int.random(in: 0..<9, using: &random) {
            case 0...4:
                let guest = slab.insert(Guest(living, number))
                if model.updateValue(number, forKey: guest.bits) != nil { faults += 1 }
            case 5...7:
                guard let (bits, _) = model.randomElement(using: &random) else { continue }
                slab.remove(Ref<Guest>(bits: bits))
                model[bits] = nil
                waiting += 1
            default:
                slab.reclaim()
                waiting = 0
            }
            if slab.count != model.count || living.count != model.count + waiting { faults += 1 }
        }
        for (bits, number) in model {
            let guest = Ref<Guest>(bits: bits)
            if guest[].number != number { faults += 1 }
            slab.remove(guest)
        }
        slab.reclaim()
        #expect(faults == 0 && living.count == 0)
    }
}
