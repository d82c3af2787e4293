import Model
import Testing
import Wire

@testable import Engine

@Suite("Which address a server gets")
struct AddressChoiceTests {
    private func addresses(_ texts: String...) -> [SocketAddress] {
        texts.compactMap { SocketAddress($0, port: 0) }
    }

    @Test("the wanted family comes first, wherever it stands")
    func family() {
        let both = addresses("10.0.0.1", "2001:db8::1")
        #expect(AddressChoice(prefersV4: false).pick(of: both, from: 0) == 1)
        #expect(AddressChoice(prefersV4: true).pick(of: both, from: 1) == 0)
    }

    @Test("the other family is better than none")
    func otherFamily() {
        #expect(AddressChoice(prefersV4: true).pick(of: addresses("2001:db8::1"), from: 0) == 0)
    }

    @Test("a preferred network comes before its own address")
    func networks() {
        var choice = AddressChoice(prefersV4: true)
        choice.networks = [Network("10.9.0.0/16")].compactMap { $0 }
        choice.current = SocketAddress("10.0.0.1", port: 0)
        #expect(choice.pick(of: addresses("10.0.0.1", "10.9.0.7"), from: 0) == 1)
    }

    @Test("among equals it stays where it is")
    func stays() {
        var choice = AddressChoice(prefersV4: true)
        choice.current = SocketAddress("10.0.0.2", port: 0)
        #expect(choice.pick(of: addresses("10.0.0.1", "10.0.0.2"), from: 0) == 1)
    }

    @Test("addresses of others are left to them, or come last where duplicates are allowed")
    func duplicates() {
        let both = addresses("10.0.0.1", "10.0.0.2")
        var choice = AddressChoice(prefersV4: true)
        choice.taken = Set(both.prefix(1))
        #expect(choice.pick(of: both, from: 0) == 1)
        choice.taken = Set(both)
        #expect(choice.pick(of: both, from: 0) == 0)
        choice.allowsDuplicates = false
        #expect(choice.pick(of: both, from: 0) == nil)
    }

    @Test("equals are taken in turn")
    func inTurn() {
        let three = addresses("10.0.0.1", "10.0.0.2", "10.0.0.3")
        let choice = AddressChoice(prefersV4: true)
        #expect((0..<4).map { choice.pick(of: three, from: $0) } == [0, 1, 2, 0])
        #expect(choice.pick(of: [], from: 0) == nil)
    }
}
