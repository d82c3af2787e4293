import Glibc
import Model
import Testing
import Wire

@testable import Engine

@Suite("Authorities by their files")
struct AuthorityStoreTests {
    private let one: [UInt8]
    private let two: [UInt8]
    private let store = AuthorityStore()
    private let file = AuthorityFile(.authorities, "ca.pem")

    init() throws {
        one = try GeneratedAuthority(commonName: "one", now: Int64(time(nil))).certificatePEM
        two = try GeneratedAuthority(commonName: "two", now: Int64(time(nil))).certificatePEM
    }

    private func bundle(_ file: String = "ca.pem") -> AuthorityBundle {
        AuthorityBundle(certificatesPEM: one, certificatesFile: file)
    }

    @Test("those who trust the same file share what is in it, and others do not")
    func shared() throws {
        let (a, b) = (try store.source(for: bundle()), try store.source(for: bundle()))
        let c = try store.source(for: bundle("other.pem"))
        #expect(a === b && a !== c)
        #expect(store.files == [file: one, AuthorityFile(.authorities, "other.pem"): one])
    }

    @Test("files are those that somebody uses")
    func used() throws {
        do {
            let source = try store.source(for: bundle())
            try #expect(store.replace(file, by: two))
            #expect(store.files == [file: two])
            withExtendedLifetime(source) {}
        }
        #expect(store.files.isEmpty)
        try #expect(!store.replace(file, by: one))
    }

    @Test("who comes later finds what was put in a file's place, until the files hold again")
    func edited() throws {
        let first = try store.source(for: bundle())
        try #expect(store.replace(file, by: two))
        let narrower = AuthorityBundle(
            certificatesPEM: one, revocationsPEM: [], certificatesFile: "ca.pem", revocationsFile: "crl.pem")
        let second = try store.source(for: narrower)
        #expect(store.files[file] == two)
        store.restore()
        #expect(store.files[file] == one)
        withExtendedLifetime((first, second)) {}
    }

    @Test("what can not be used changes nothing")
    func refused() throws {
        let source = try store.source(for: bundle())
        #expect(throws: TLSSettingsError.self) { try store.replace(file, by: Array("x".utf8)) }
        #expect(store.files == [file: one])
        #expect(throws: TLSSettingsError.self) {
            try store.source(for: AuthorityBundle(certificatesPEM: Array("x".utf8), certificatesFile: "x"))
        }
        withExtendedLifetime(source) {}
    }
}
