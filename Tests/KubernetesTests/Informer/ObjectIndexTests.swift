import Testing

@testable import Kubernetes

@Suite("Object index")
struct ObjectIndexTests {
    private func ingress(_ name: String, _ version: String) -> Ingress {
        var ingress = Ingress()
        ingress.meta.name = name
        ingress.meta.resourceVersion = version
        return ingress
    }

    private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "", name: name) }

    /// An index that knows these objects.
    private func index(_ objects: Ingress...) -> ObjectIndex<Ingress> {
        var index = ObjectIndex<Ingress>()
        index.beginCollection()
        for object in objects { index.collect(object) }
        _ = index.adoptCollection()
        return index
    }

    @Test("a list tells what is new, what changed and what is gone, and nothing else")
    func listDiff() {
        var index = index(ingress("same", "1"), ingress("changed", "2"), ingress("gone", "3"))
        index.beginCollection()
        for object in [ingress("same", "1"), ingress("changed", "4"), ingress("new", "5")] {
            index.collect(object)
        }
        let changes = index.adoptCollection().sorted { $0.key < $1.key }
        #expect(
            changes == [
                .upserted(ingress("changed", "4")), .deleted(key("gone")), .upserted(ingress("new", "5")),
            ])
        #expect(index.count == 3)
    }

    @Test("of what was there in an unknown version the first list tells everything")
    func knownFromBefore() {
        var index = ObjectIndex<Ingress>(known: [key("there"), key("gone")])
        index.beginCollection()
        index.collect(ingress("there", "1"))
        let changes = index.adoptCollection().sorted { $0.key < $1.key }
        #expect(changes == [.deleted(key("gone")), .upserted(ingress("there", "1"))])
        #expect(index.count == 1)
    }

    @Test("a collection that is begun anew forgets the half of the one before")
    func abandonedCollection() {
        var index = index(ingress("a", "1"))
        index.beginCollection()
        index.collect(ingress("half", "2"))
        index.beginCollection()
        index.collect(ingress("a", "1"))
        #expect(index.adoptCollection() == [])
    }

    @Test("an object that comes and goes while the list arrives is not in it")
    func deletedWhileCollecting() {
        var index = index()
        index.collect(ingress("a", "1"))
        index.discard(key("a"))
        #expect(index.adoptCollection() == [])
    }

    @Test("an object of a list that cannot be read is not gone, and is told when it can")
    func rejectedStays() {
        var index = index(ingress("a", "1"))
        index.beginCollection()
        index.collect(rejected: key("a"))
        #expect(index.adoptCollection() == [])
        #expect(index.upsert(ingress("a", "2")) == .upserted(ingress("a", "2")))
    }

    @Test("an event that is known is not told again")
    func knownEvents() {
        var index = index(ingress("a", "1"))
        #expect(index.upsert(ingress("a", "1")) == nil)
        #expect(index.upsert(ingress("a", "2")) == .upserted(ingress("a", "2")))
        #expect(index.delete(key("a")) == .deleted(key("a")))
        #expect(index.delete(key("a")) == nil)
        #expect(index.upsert(ingress("a", "2")) != nil)
    }

    @Test("an object without a version is always told")
    func missingVersion() {
        var index = index(ingress("a", ""))
        #expect(index.upsert(ingress("a", "")) != nil)
        index.collect(ingress("a", ""))
        #expect(index.adoptCollection().count == 1)
    }
}
