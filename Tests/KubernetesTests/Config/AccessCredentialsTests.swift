import Testing

@testable import Kubernetes

@Suite struct AccessCredentialsTests {
    private let credentials = AccessCredentials(
        Authorization(
            headers: ["Authorization: Bearer hush:hush", "Impersonate-User: jo"], certificate: [1],
            key: [2, 3]))

    @Test("lines of a head are names and values")
    func fields() {
        #expect(credentials.fields.map(\.name) == ["Authorization", "Impersonate-User"])
        #expect(credentials.fields.map(\.value) == ["Bearer hush:hush", "jo"])
    }

    @Test("nothing of them is printed")
    func redacted() {
        var text = "\(credentials) " + String(reflecting: credentials)
        dump(credentials, to: &text)
        dump(CredentialNews.current(credentials), to: &text)
        #expect(!text.contains("hush") && text.contains("client certificate"))
    }

    @Test("another reading of the same is the same")
    func equality() {
        var again = Authorization(
            headers: ["Authorization: Bearer hush:hush", "Impersonate-User: jo"], certificate: [1],
            key: [2, 3])
        again.generation = 7
        #expect(AccessCredentials(again) == credentials)
        again.key = [4]
        #expect(AccessCredentials(again) != credentials)
    }
}
