import Testing

@testable import Engine

@Suite("Garbage")
struct GarbageTests {
    private final class Thing {}

    @Test("a thing is kept while an exchange of its epoch, or an earlier one, lives")
    func epochs() {
        var garbage = Garbage()
        var thing: Thing? = Thing()
        weak let remains = thing
        if let given = thing { garbage.add(given, epoch: 3) }
        thing = nil
        #expect(!garbage.isEmpty)
        for oldest in UInt64(0)...3 {
            garbage.release(before: oldest)
            #expect(remains != nil, "the oldest exchange began in \(oldest)")
        }
        garbage.release(before: 4)
        #expect(remains == nil)
        #expect(garbage.isEmpty)
    }

    @Test("only what went out of use before is released; nothing alive releases all")
    func partly() {
        var garbage = Garbage()
        var things: [Thing?] = [Thing(), Thing(), Thing()]
        weak let first = things[0]
        weak let last = things[2]
        for (epoch, thing) in things.enumerated() {
            if let thing { garbage.add(thing, epoch: UInt64(epoch)) }
        }
        things = []
        garbage.release(before: 2)
        #expect(first == nil)
        #expect(last != nil)
        garbage.release(before: .max)
        #expect(last == nil)
        #expect(garbage.isEmpty)
    }
}
