import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Values of JSON and parts of tokens")
struct TokenStepTests {
    private static let json =
        #"{"s":"a\u00e9\"","n":7,"big":1700000000,"half":2.5,"t":true,"z":null,"l":[1,{"k":"x"}],"d.t":"dot"}"#

    private func value(_ path: String, of text: String = json, isInteger: Bool = false) throws -> String? {
        try convert(text, .jsonQuery(JSONPick(path, isInteger: isInteger)))
    }

    private func convert(_ input: String, _ converter: Converter) throws -> String? {
        try text(.string(Array(input.utf8)), [converter])
    }

    @Test(
        "a path leads to a text, a number, a truth or a list",
        arguments: [
            ("$.s", "aé\""), ("$.n", "7"), ("$.big", "1.7e+09"), ("$.half", "2.5"), ("$.t", "1"),
            ("$.l", #"[1,{"k":"x"}]"#), ("$.l[0]", "1"), ("$.l[1].k", "x"), (#"$.d\.t"#, "dot"),
            ("$.z", nil), ("$.l[1]", nil), ("$.l[2]", nil), ("$.missing", nil), ("$.s.x", nil),
            ("$.n[0]", nil),
            ("$", nil), ("$x", nil), ("$.l[", nil), ("$.l[x]", nil), ("$.l[99999999999999999999]", nil),
        ] as [(String, String?)])
    func paths(path: String, expected: String?) throws { #expect(try value(path) == expected) }

    @Test("a whole number is one that JavaScript can count with")
    func wholeNumbers() throws {
        #expect(try value("$.big", isInteger: true) == "1700000000")
        #expect(try value("$.half", isInteger: true) == "2")
        #expect(try value("$.n", of: #"{"n":9007199254740991}"#, isInteger: true) == "9007199254740991")
        #expect(try value("$.n", of: #"{"n":9007199254740992}"#, isInteger: true) == nil)
    }

    @Test("what is no JSON has no values", arguments: ["", "{", "{\"a\"}", "[1", "a", "{\"n\":tru}"])
    func broken(text: String) throws { #expect(try value("$.n", of: text) == nil) }

    /// `{"alg":"HS256"}` and `{"sub":"a"}` with the key `key`.
    private static let token =
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.s1mC5JEn7aIunB7VBvqDeWc4TqMwJKsf21AHPIaXGjQ"

    @Test("parts of a token are what stands between dots, decoded")
    func parts() throws {
        #expect(try convert(Self.token, .tokenPart(.header, nil)) == #"{"alg":"HS256"}"#)
        #expect(try convert(Self.token, .tokenPart(.payload, JSONPick("$.sub"))) == "a")
        for broken in ["", "a", ".", "a.b", "!.!.!", "e30.e3"] {
            #expect(try convert(broken, .tokenPart(.payload, JSONPick("$.sub"))) == nil)
        }
    }

    @Test(
        "what can not be said of a token has a number",
        arguments: [
            ("XX256", token, "-1"), ("hs256", token, "-1"), ("HS256", "a.b", "-3"),
            ("HS256", "a.b.c.d", "-3"),
            ("HS256", "a.b.!", "-3"), ("RS256", token, "-5"), ("ES256", token, "-5"), ("none", token, "0"),
            ("none", "e30.e30.", "1"), ("HS384", token, "0"), ("HS256", "a.b.", "0"), ("HS256", token, "1"),
        ])
    func outcomes(algorithm: String, token: String, expected: String) throws {
        let check = TokenCheck(algorithm: .text(Array(algorithm.utf8)), key: .text(Array("key".utf8)))
        #expect(try convert(token, .verifyToken(check)) == expected)
    }

    @Test("a key that is no PEM is none")
    func keys() throws {
        let check = TokenCheck(
            algorithm: .text(Array("RS256".utf8)), key: .text([]), publicKeyPEM: Array("nonsense".utf8))
        #expect(try convert(Self.token, .verifyToken(check)) == "-5")
    }

    @Test("hashes and codes with a key")
    func hashes() throws {
        #expect(
            try text(.string(Array("abc".utf8)), [.digest("sha1"), .hex])
                == "A9993E364706816ABA3E25717850C26C9CD0D89D")
        // RFC 2202, 3, test case 2.
        let key = ConverterOperand.text(Array("SmVmZQ==".utf8))
        #expect(
            try text(.string(Array("what do ya want for nothing?".utf8)), [.hmac("sha1", key), .hex])
                == "EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79")
        #expect(try text(.string([]), [.hmac("sha1", .text(Array("!".utf8))), .hex]) == nil)
        #expect(try text(.string([]), [.digest("nonsense"), .hex]) == nil)
    }
}
