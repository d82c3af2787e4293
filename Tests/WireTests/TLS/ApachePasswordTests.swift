import Basics
import Testing

@testable import Wire

@Suite("Passwords as htpasswd keeps them")
struct ApachePasswordTests {
    /// Made by `openssl passwd -apr1`, and by hand for the others.
    @Test(
        "a password is known by its hash, whichever kind it is of, and no other is",
        arguments: [
            ("secret", "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"),
            ("a longer pass word of more than sixteen", "$apr1$xy$9DSJxHfEFSef8thWB48EB0"),
            ("", "$apr1$abcdefgh$L.PT565ESX4Tp2bqNs7Ie."),
            ("0123456789abcdef", "$apr1$abcdefgh$sxHfOFLANAYXeGF./FBFh."),
            ("pä", "$apr1$12345678$52zHrAJlIBoH2rwwKHSuW."),
            ("secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="),
            ("secret", "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0"),
            ("secret", "{PLAIN}secret"),
            ("secret", "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"),
            ("secret", "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"),
            ("secret", "abNANd1rDfiNc"),
        ])
    func known(password: String, hash: String) {
        #expect(password.withView { PasswordHash.matches($0, hash) })
        #expect(!(password + "x").withView { PasswordHash.matches($0, hash) })
        #expect(!"other".withView { PasswordHash.matches($0, hash) })
    }

    @Test(
        "what is no hash is nobody's",
        arguments: [
            "", "secret", "$apr1$", "$apr1$abcdefgh", "$apr1$abcdefgh$", "{SHA}", "{SHA}AAAA", "{SSHA}",
            "{SSHA}AAAA", "{SSHA}!", "{MD5}x", "$2b$99$abc", "*", "!",
        ])
    func broken(hash: String) {
        for password in ["", "secret", hash] {
            #expect(!password.withView { PasswordHash.matches($0, hash) })
        }
    }

    @Test("eight letters of a salt count")
    func longSalt() {
        let hash = "$apr1$abcdefghijk$h9FWgUz3n9YxylKLlR5SQ/"
        #expect(!"secret".withView { PasswordHash.matches($0, hash) })
    }
}
