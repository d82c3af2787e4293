import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Variables of an exchange, a client or the process")
struct VariableStoreTests {
    private static let one = VariableKey(Variable(.transaction, "one"))
    private static let two = VariableKey(Variable(.request, "two"))

    @Test("a variable keeps its type", arguments: [0, 1, 2, 3, 4, 5])
    func types(number: Int) throws {
        let store = TestStore()
        let v6 = try #require(SocketAddress("2001:db8::1", port: 0))
        let samples: [(Sample, String)] = [
            (.boolean(true), "1"), (.integer(-5), "-5"),
            (.address(SocketAddress(v4: 0x0A00_0001)), "10.0.0.1"),
            (.address(v6), "2001:db8::1"), (.binary(("b" as StaticString).view), "b"),
            (.method(("GET" as StaticString).view), "GET"),
        ]
        store.store.set(Self.one, to: samples[number].0)
        #expect(store.text(Self.one) == samples[number].1)
        #expect(store.text(Self.two) == nil)
    }

    @Test("a value takes the place of the one before, others stay")
    func replacing() {
        let store = TestStore()
        #expect(store.set(Self.one, "a") && store.set(Self.two, "second"))
        #expect(store.set(Self.one, "a longer value") && store.text(Self.one) == "a longer value")
        #expect(store.text(Self.two) == "second")
        store.store.unset(Self.two)
        #expect(store.text(Self.two) == nil && store.text(Self.one) == "a longer value")
        store.store.unset(Self.one)
        #expect(store.isEmpty)
    }

    @Test("one name in two scopes is two variables")
    func scopes() {
        let store = TestStore()
        let (left, right) = (VariableKey(Variable(.request, "x")), VariableKey(Variable(.response, "x")))
        #expect(store.set(left, "1") && store.set(right, "2"))
        #expect(store.text(left) == "1" && store.text(right) == "2")
        #expect(
            store.size(of: .request) == VariableStore.headSize + 1
                && store.size(of: .session) == 0)
    }

    @Test("what does not fit is not set, and what stood there stays")
    func room() {
        let store = TestStore()
        let room = 2 * (VariableStore.headSize + 4)
        #expect(store.set(Self.one, "1234", room: room) && store.set(Self.two, "5678", room: room))
        #expect(!store.set(Self.two, "56789", room: room) && store.text(Self.two) == "5678")
        #expect(store.set(Self.two, "5", room: room) && store.set(Self.one, "1234567", room: room))
        #expect(!store.set(Self.one, String(repeating: "x", count: VariableStore.most)))
        #expect(store.text(Self.one) == "1234567")
    }

    @Test("it grows with what is in it, with a pool's memory or its own")
    func growing() {
        let pool = BufferPool(size: 64, keep: 2)
        let store = TestStore()
        for i in 0..<100 {
            let key = VariableKey(Variable(.transaction, "v\(i)"))
            let fits = store.store.set(key, to: .integer(Int64(i)), pool: pool)
            #expect(fits)
        }
        #expect(
            (0..<100).allSatisfy { store.text(VariableKey(Variable(.transaction, "v\($0)"))) == "\($0)" })
        #expect(pool.lent == 1)
        store.store.end(pool)
        #expect(pool.lent == 0 && store.isEmpty)
    }

    @Test(
        "conditions",
        arguments: [
            (.ifExists, "", "", false), (.ifExists, "1", "", true), (.ifNotExists, "", "", true),
            (.ifNotExists, "1", "", false), (.ifSet, "", "2", false), (.ifNotSet, "1", "2", false),
            (.ifEmpty, "1", "", true), (.ifEmpty, "1", "2", false), (.ifNotEmpty, "1", "", false),
            (.ifNotEmpty, "1", "2", true), ([.ifSet, .ifNotEmpty], "1", "2", true),
            ([.ifSet, .ifNotEmpty], "", "2", false), (.ifGreater, "1", "2", true),
        ] as [(VariableConditions, String, String, Bool)])
    func conditions(conditions: VariableConditions, before: String, new: String, isSet: Bool) {
        let store = TestStore()
        if !before.isEmpty { _ = store.set(Self.one, before) }
        _ = store.set(Self.one, new, conditions)
        #expect(store.text(Self.one) == (isSet ? new : before.isEmpty ? nil : before))
    }

    @Test("numbers are compared with what is there, if that is one")
    func numbers() {
        let store = TestStore()
        store.store.set(Self.one, to: .integer(5), .ifGreater)
        #expect(store.text(Self.one) == "5")
        store.store.set(Self.one, to: .integer(6), .ifGreater)
        #expect(store.text(Self.one) == "5")
        store.store.set(Self.one, to: .integer(4), .ifGreater)
        #expect(store.text(Self.one) == "4")
        store.store.set(Self.one, to: .integer(9), .ifLess)
        #expect(store.text(Self.one) == "9")
    }

    @Test("variables of the process count as there, and what rules have set survives a new file")
    func ofProcess() throws {
        let variables = ProcessVariables()
        let (name, number) = (Variable(.process, "a"), Variable(.process, "n"))
        var settings = VariableSettings()
        settings.changes = [
            .set(number, [], try Expression(.integer(5), [.arithmetic(.add, 1)])),
            .setText(
                name, [],
                FormatString([.text([65]), .sample(try Expression(.variable(number, else: nil)), [])])),
        ]
        variables.apply(settings, known: VariableSettings())
        var workspace = SampleWorkspace()
        func value(_ variable: Variable) -> String? {
            workspace.reset()
            return variables.value(VariableKey(variable), &workspace)?.text(&workspace)?.string
        }
        #expect(value(number) == "6" && value(name) == "A6")
        variables.set(VariableKey(number), to: .integer(7), .ifExists)
        variables.apply(settings, known: settings)
        #expect(value(number) == "7")
        variables.unset(VariableKey(number))
        variables.set(VariableKey(number), to: .integer(8), [.ifExists, .ifNotSet])
        #expect(value(number) == "8")
    }

    @Test("limits count what the finer ones do")
    func limits() {
        var settings = VariableSettings()
        let store = TestStore()
        #expect(store.room(settings, .request, besides: 9) == VariableStore.most)
        (settings.messageSize, settings.transactionSize, settings.sessionSize) = (10, 100, 200)
        _ = store.set(Self.one, "1234")
        #expect(store.room(settings, .request, besides: 0) == 30)
        #expect(store.room(settings, .transaction, besides: 0) == 100)
        #expect(store.room(settings, .transaction, besides: 150) == 50)
        #expect(VariableRoom(settings).ofSession == 200)
    }
}

/// A store that expectations may change.
private final class TestStore {
    var store = VariableStore()

    /// A variable's value as text; nil if it is not set.
    func text(_ key: VariableKey) -> String? {
        var workspace = SampleWorkspace()
        workspace.reset()
        let kind = store.copy(key, to: &workspace)
        let sample = kind.map { Sample($0, workspace.written(since: 0)) }
        return sample?.text(&workspace)?.string
    }

    var isEmpty: Bool { store.size == 0 }

    func size(of scope: Variable.Scope) -> Int { store.size(of: scope) }

    func room(_ limits: VariableSettings, _ scope: Variable.Scope, besides session: Int) -> Int {
        VariableRoom(limits).ofExchange(store, scope, besides: session)
    }

    func set(
        _ key: VariableKey, _ text: String, _ conditions: VariableConditions = [], room: Int = 1 << 20
    ) -> Bool {
        text.withView { store.set(key, to: .string($0), conditions, room: room) }
    }
}
