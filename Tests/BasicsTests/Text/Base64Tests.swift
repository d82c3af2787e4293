import Basics
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "the examples of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func examples(plain: String, coded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == coded)
        #expect(Base64.decode(coded) == Array(plain.utf8))
    }

    @Test("every byte comes back at every place of a group")
    func roundTrip() {
        for length in 0...9 {
            for byte in UInt8.min...UInt8.max {
                let bytes = [UInt8](repeating: byte, count: length)
                #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            }
        }
    }

    @Test("line ends are passed over")
    func lines() {
        #expect(Base64.decode("Zm9v\r\nYmFy\n") == Array("foobar".utf8))
    }

    @Test(
        "what is not base64 is refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zm9", "Zg===", "=", "====", "=g==", "Z===", "Zg==Zg==", "Zm9v=", "Zm 9v",
            "Zm-v", "Zm_v", "é===",
            "Zg=a", "Zm9v\0", "Zm8=====", "Zg==\n=",
        ])
    func refused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
