import Testing

@testable import Controller

@Suite("Names of objects in settings")
struct ObjectReferenceTests {
    @Test(
        "an object of one's own namespace is named with or without it",
        arguments: ["auth", "shop/auth"])
    func own(text: String) {
        #expect(ObjectReference(text)?.key(in: "shop") == key("auth"))
    }

    @Test("an object of another namespace is nobody's business")
    func foreign() {
        #expect(ObjectReference("other/auth") != nil)
        #expect(ObjectReference("other/auth")?.key(in: "shop") == nil)
    }

    @Test(
        "what no object can be called is none",
        arguments: [
            "", "/", "/a", "a/", "a/b/c", "../auth", "Auth", "a b", "a\n", String(repeating: "a", count: 254),
        ])
    func none(text: String) { #expect(ObjectReference(text) == nil) }
}
