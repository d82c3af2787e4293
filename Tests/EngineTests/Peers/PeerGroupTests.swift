import Basics
import Model
import Synchronization
import Testing
import Wire

@testable import Engine

@Suite("Peers: exchange")
struct PeerGroupTests {
    private static let counted = StickTable(
        type: .integer, size: 100_000,
        stored: [StoredData(.requests), StoredData(.requestRate, period: 10_000)])

    private func pair(_ model: StickTable = counted) throws -> PeerPair {
        var pair = PeerPair(model)
        pair.connect()
        try pair.becomeComplete()
        return pair
    }

    @Test("both ask for everything first; as neither is sure to have it, both wait for somebody who is")
    func greeting() throws {
        var early = PeerPair(Self.counted)
        early.connect()
        try early.settle()
        #expect(early.one.resync == .wanted && early.said.one.contains(.control(.resyncPartial)))
        let pair = try pair()
        #expect(pair.one.resync == .complete && pair.two.resync == .complete)
        #expect(pair.said.one.contains(.control(.resyncRequest)))
        #expect(pair.said.one.contains(.control(.resyncConfirmed)))
    }

    @Test("what traffic changes reaches the other, and is confirmed")
    func changes() throws {
        var pair = try pair()
        pair.count(7, by: 3)
        pair.count(8)
        try pair.settle()
        #expect(pair.learned(7) == 3 && pair.learned(8) == 1)
        #expect(pair.learned(7, .requestRate) == 3)
        let exchange = pair.one.links[0].tables[0]
        #expect(exchange.confirmed == 2 && exchange.told == 2)
        pair.count(7)
        try pair.settle()
        #expect(pair.learned(7) == 4)
    }

    @Test("what was learned is not told back")
    func noEcho() throws {
        var pair = try pair()
        pair.count(7)
        try pair.settle()
        pair.forget()
        try pair.settle()
        let updates = pair.said.two.filter { if case .update = $0 { true } else { false } }
        #expect(updates.isEmpty)
        #expect(pair.tables.1.changes.load(ordering: .relaxed) == 0)
    }

    @Test("it goes both ways")
    func bothWays() throws {
        var pair = try pair()
        pair.count(1)
        PeerPair.count(2, 5, .request, in: pair.tables.1, pair.now)
        try pair.settle()
        #expect(pair.learned(1) == 1 && pair.known(2) == 5)
    }

    @Test("many changes of one entry between two looks are one update")
    func coalesced() throws {
        var pair = try pair()
        pair.forget()
        for _ in 0..<50 { pair.count(7) }
        try pair.settle()
        let updates = pair.said.one.filter { if case .update = $0 { true } else { false } }
        #expect(updates.count == 1)
        #expect(pair.learned(7) == 50)
    }

    @Test("after the first one, updates that follow each other leave their numbers out")
    func incremental() throws {
        var pair = try pair()
        for key in 1...5 { pair.count(Int64(key)) }
        try pair.settle()
        let kinds = pair.said.one.compactMap { message -> Bool? in
            if case .update(let hasID, _, _) = message { hasID } else { nil }
        }
        #expect(kinds.count == 5 && kinds.dropFirst().allSatisfy { !$0 })
        #expect(pair.one.links[0].tables[0].confirmed == 5)
    }

    @Test("what happened while nobody was connected is told afterwards")
    func gap() throws {
        var pair = try pair()
        pair.count(1)
        try pair.settle()
        pair.disconnect()
        for key in 2...400 { pair.count(Int64(key)) }
        _ = pair.one.tellChanges(now: pair.now)
        pair.connect()
        pair.forget()
        try pair.settle()
        for key in 1...400 { #expect(pair.learned(Int64(key)) == 1) }
        // What the other side had confirmed is not told again, other than to whoever asks for everything.
        pair.count(1)
        try pair.settle()
        #expect(pair.learned(1) == 2)
    }

    @Test("a process that has lost everything is told everything, what others have told included")
    func restart() throws {
        var pair = try pair()
        for key in 1...300 { pair.count(Int64(key), by: UInt64(key)) }
        try pair.settle()
        PeerPair.count(1_000, 9, .request, in: pair.tables.1, pair.now)
        try pair.settle()
        pair.disconnect()
        pair.restartTwo()
        pair.connect()
        try pair.settle()
        for key in 1...300 { #expect(pair.learned(Int64(key)) == UInt64(key)) }
        #expect(pair.learned(1_000) == 9)
        #expect(pair.two.resync == .complete)
    }

    @Test("more than a connection takes at once arrives in the end")
    func much() throws {
        var pair = try pair()
        for key in 1...30_000 { pair.count(Int64(key)) }
        try pair.settle()
        #expect(pair.tables.1.count == 30_000)
        #expect(pair.one.links[0].tables[0].told == 30_000)
        pair.count(30_001)
        try pair.settle()
        #expect(pair.learned(30_001) == 1)
        #expect(pair.one.links[0].tables[0].confirmed == 30_001)
    }

    @Test("entries live as long as those they were learned from")
    func expiry() throws {
        var model = Self.counted
        model.expire = 60_000
        var pair = PeerPair(model)
        pair.count(1)
        pair.now += 50_000
        pair.connect()
        try pair.settle()
        #expect(pair.learned(1) == 1)
        pair.now += 9_999
        #expect(pair.learned(1) == 1)
        pair.now += 1
        #expect(pair.learned(1) == nil)
    }

    @Test("what has expired is not told")
    func expired() throws {
        var model = Self.counted
        model.expire = 1_000
        var pair = PeerPair(model)
        pair.count(1)
        pair.now += 1_000
        pair.connect()
        try pair.settle()
        #expect(pair.learned(1) == nil)
    }

    @Test("a peer of version 2.0 is not told how long entries live")
    func old() throws {
        var pair = PeerPair(Self.counted)
        pair.count(1)
        pair.connect(minorVersion: 0)
        try pair.settle()
        #expect(pair.learned(1) == 1)
        let timed = pair.said.one.filter { if case .update(_, true, _) = $0 { true } else { false } }
        #expect(timed.isEmpty)
    }

    @Test("an entry that is forgotten before it is told is not told; who takes its place is")
    func forgotten() throws {
        var pair = try pair()
        pair.count(1)
        #expect(pair.tables.0.remove(TableKey(number: 1), now: pair.now))
        pair.count(2)
        try pair.settle()
        #expect(pair.learned(1) == nil && pair.learned(2) == 1)
    }

    @Test("a table of another type is not listened to")
    func otherType() throws {
        var other = Self.counted
        other.type = .string(length: 10)
        var pair = PeerPair(Self.counted, other: other)
        pair.connect()
        pair.count(1)
        try pair.settle()
        #expect(pair.tables.1.count == 0)
    }

    @Test("what only one of both stores is left out")
    func otherData() throws {
        var other = Self.counted
        other.stored = [StoredData(.gpc0), StoredData(.requestRate, period: 10_000)]
        var pair = PeerPair(Self.counted, other: other)
        pair.connect()
        pair.count(1, by: 4)
        try pair.settle()
        #expect(pair.learned(1, .requestRate) == 4 && pair.learned(1, .gpc0) == 0)
    }

    // MARK: Time

    @Test("who has nothing to say says so every three seconds")
    func heartbeats() throws {
        var pair = try pair()
        pair.forget()
        let before = pair.two.links[0].counts.heartbeatsHeard
        pair.now += PeerLink.heartbeat - 1
        try pair.settle()
        #expect(pair.said.one.isEmpty)
        pair.now += 1
        try pair.settle()
        #expect(pair.said.one == [.control(.heartbeat)])
        #expect(pair.two.links[0].counts.heartbeatsHeard == before + 1)
    }

    @Test("who is not heard for five seconds is silent")
    func silence() throws {
        var pair = try pair()
        pair.now += PeerLink.longestSilence - 1
        #expect(!pair.one.links[0].isSilent(now: pair.now))
        pair.now += 1
        #expect(pair.one.links[0].isSilent(now: pair.now))
        #expect(pair.one.delay(now: pair.now) == 0)
    }

    @Test("without anybody it is complete after five seconds")
    func alone() {
        var pair = PeerPair(Self.counted)
        pair.one.advance(now: pair.now)
        #expect(pair.one.resync == .wanted)
        pair.one.advance(now: pair.now + PeerGroup.patience)
        #expect(pair.one.resync == .complete)
    }

    @Test("who has everything already asks nobody")
    func complete() {
        var section = PeerSection("p", localName: "a")
        section.peers = [PeerSection.Peer("b", address: "127.0.0.1", port: 1)]
        var group = PeerGroup(section, isComplete: true, now: 0)
        group.opened(0, minorVersion: 1, now: 0)
        group.advance(now: 0)
        #expect(group.resync == .complete && group.links[0].output.isEmpty)
    }

    @Test("who is lost while being asked is asked again")
    func lostTeacher() throws {
        var pair = PeerPair(Self.counted)
        pair.connect()
        pair.one.advance(now: pair.now)
        #expect(pair.one.resync == .asked(0))
        pair.disconnect()
        #expect(pair.one.resync == .wanted)
        pair.connect()
        try pair.becomeComplete()
        #expect(pair.one.resync == .complete)
    }

    @Test("of a table that comes later is learned what others knew before, and what they say on")
    func laterTable() throws {
        var pair = try pair()
        let theirs = pair.add("u", to: \.two)
        PeerPair.count(5, 3, .request, in: theirs, pair.now)
        try pair.settle()
        let ours = pair.add("u", to: \.one)
        #expect(pair.one.resync == .wanted)
        PeerPair.count(6, 2, .request, in: theirs, pair.now)
        try pair.settle()
        #expect(PeerPair.value(5, .requests, in: ours, pair.now) == 3)
        #expect(PeerPair.value(6, .requests, in: ours, pair.now) == 2)
        #expect(pair.one.resync == .complete)
    }

    @Test("updates of the table that the other side speaks of count as soon as there is one here")
    func definitionBefore() throws {
        var pair = try pair()
        let table = PeerTable(
            id: 9, name: "u", keys: .integer, keySize: 4, data: [PeerTable.Data(9)], expire: 0)
        try pair.one.receive(.definition(table), from: 0, now: pair.now)
        let ours = pair.add("u", to: \.one)
        try pair.one.receive(
            .update(hasID: true, isTimed: false, payload: [0, 0, 0, 1, 0, 0, 0, 7, 4]), from: 0, now: pair.now
        )
        #expect(PeerPair.value(7, .requests, in: ours, pair.now) == 4)
    }

    // MARK: Faults

    @Test("who does not read is not answered without end")
    func unread() throws {
        var pair = try pair()
        for _ in 0..<PeerLink.mostOutput {
            try pair.one.receive(.control(.resyncFinished), from: 0, now: pair.now)
        }
        #expect(pair.one.links[0].output.count <= PeerLink.mostOutput + 2)
    }

    @Test("long names of servers are not kept")
    func longName() {
        var names = ServerNames()
        let (short, long) = ([UInt8](repeating: 97, count: 1_024), [UInt8](repeating: 97, count: 1_025))
        names.note(short)
        names.note(long)
        #expect(names.text(of: names.word(of: short)) == short)
        #expect(names.text(of: names.word(of: long)) == nil)
    }

    @Test("updates before any definition, and of tables that are not here, are passed over")
    func strangers() throws {
        var pair = try pair()
        let update = PeerMessage.update(hasID: true, isTimed: false, payload: [1])
        try pair.one.receive(update, from: 0, now: pair.now)
        let table = PeerTable(id: 9, name: "other", keys: .integer, keySize: 4, data: [], expire: 0)
        try pair.one.receive(.definition(table), from: 0, now: pair.now)
        try pair.one.receive(update, from: 0, now: pair.now)
        try pair.one.receive(.resumption(table: 77), from: 0, now: pair.now)
        try pair.one.receive(.acknowledgement(table: 77, update: 1), from: 0, now: pair.now)
        try pair.one.receive(.definition(nil), from: 0, now: pair.now)
        try pair.one.receive(.unknown, from: 0, now: pair.now)
        #expect(pair.tables.0.count == 0)
    }

    @Test("an update that can not be read is a fault, as is what the other side calls one")
    func broken() throws {
        var pair = try pair()
        let table = PeerTable(
            id: 9, name: "t", keys: .integer, keySize: 4, data: [PeerTable.Data(9)], expire: 0)
        try pair.one.receive(.definition(table), from: 0, now: pair.now)
        #expect(throws: PeerFault.malformed) {
            try pair.one.receive(
                .update(hasID: true, isTimed: false, payload: [0, 0]), from: 0, now: pair.now)
        }
        #expect(throws: PeerFault.tooLong) {
            try pair.one.receive(.fault(.tooLong), from: 0, now: pair.now)
        }
    }

    @Test("a confirmation of what was never sent confirms nothing")
    func falseConfirmation() throws {
        var pair = try pair()
        pair.count(1)
        try pair.settle()
        try pair.one.receive(.acknowledgement(table: 1, update: 500), from: 0, now: pair.now)
        #expect(pair.one.links[0].tables[0].confirmed == 1)
    }
}
