import Kubernetes
import Testing

@testable import Controller

@Suite("Reverse index")
struct ReverseIndexTests {
    private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "shop", name: name) }

    @Test("it knows who names a thing, one or several, however they come and go")
    func holders() {
        var index = ReverseIndex<String>()
        #expect(index["a"].isEmpty)
        index.add(key("1"), naming: ["a", "b"])
        index.add(key("1"), naming: ["a"])
        #expect(index["a"] == [key("1")] && index["b"] == [key("1")])
        for name in ["2", "3"] { index.add(key(name), naming: ["a"]) }
        #expect(index["a"] == [key("1"), key("2"), key("3")])
        index.remove(key("2"), naming: ["a"])
        index.remove(key("1"), naming: ["a"])
        #expect(index["a"] == [key("3")])
        index.remove(key("other"), naming: ["a", "never"])
        #expect(index["a"] == [key("3")])
        index.add(key("1"), naming: ["a"])
        #expect(index["a"] == [key("1"), key("3")])
    }

    @Test("names that nobody names any more are not there")
    func names() {
        var index = ReverseIndex<String>()
        index.add(key("1"), naming: ["a", "b"])
        index.add(key("2"), naming: ["a"])
        #expect(Set(index.names) == ["a", "b"])
        index.remove(key("1"), naming: ["a", "b"])
        #expect(Set(index.names) == ["a"])
        index.remove(key("2"), naming: ["a"])
        #expect(Set(index.names).isEmpty)
    }
}
