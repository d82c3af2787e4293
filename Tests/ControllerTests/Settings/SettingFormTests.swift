import Testing

@testable import Controller

@Suite struct SettingFormTests {
    @Test(
        "a time has a unit; without one it is as whoever's word it is says",
        arguments: [
            ("10s", 10_000, 10_000, 10_000), ("500ms", 500, 500, 500), (" 5m\n", 300_000, 300_000, 300_000),
            ("1h", 3_600_000, 3_600_000, 3_600_000), ("1500us", 2, 2, 2), ("60", nil, 60_000, 60),
            ("0", 0, 0, 0), ("7d", 604_800_000, 604_800_000, 604_800_000), ("8d", nil, nil, nil),
            ("99999999999999999999s", nil, nil, nil), ("9223372036854775807h", nil, nil, nil),
            ("9223372036854775807us", nil, nil, nil), ("-1s", nil, nil, nil), ("1.5s", nil, nil, nil),
            ("s", nil, nil, nil), ("", nil, nil, nil), ("10 s", nil, nil, nil), ("٣s", nil, nil, nil),
        ] as [(String, Int?, Int?, Int?)])
    func durations(text: String, own: Int?, nginx: Int?, haproxy: Int?) {
        let form = SettingForm<Int>.duration()
        #expect(form.read(text) == own)
        #expect(form.read(text, as: .nginx) == nginx)
        #expect(form.read(text, as: .haproxy) == haproxy)
    }

    @Test(
        "a size is a number of bytes, with powers of 1024 by their letters",
        arguments: [
            ("0", 0), ("512", 512), ("8k", 8_192), ("8K", 8_192), ("1m", 1_048_576), ("1Mi", 1_048_576),
            ("2g", 2_147_483_648), ("9223372036854775807", nil), ("9223372036854775807k", nil), ("m", nil),
            ("1t", nil), ("-1", nil), ("", nil),
        ] as [(String, Int64?)])
    func sizes(text: String, expected: Int64?) {
        #expect(SettingForm<Int64>.size().read(text) == expected)
    }

    @Test(
        "a switch is on or off in the words of all who have one",
        arguments: [
            ("true", true), ("True", true), ("on", true), ("1", true), ("false", false), ("off", false),
            ("no", false), ("", nil), ("maybe", nil), ("2", nil),
        ] as [(String, Bool?)])
    func switches(text: String, expected: Bool?) {
        #expect(SettingForm<Bool>.bool.read(text) == expected)
    }

    @Test(
        "under ingress-nginx's prefix a switch is what Go takes for one, and on or off where nginx has these",
        arguments: ["yes", "no", "on", "off", "tRUE"])
    func switchesOfNginx(text: String) {
        #expect(SettingForm<Bool>.bool.read(text, as: .nginx) == nil)
        #expect(SettingForm<Bool>.bool.read(text, as: .haproxy) != nil)
        #expect(SettingForm<Bool>.onOff.read(text, as: .nginx) != nil)
        for good in ["1", "t", "T", "TRUE", "true", "True"] {
            #expect(SettingForm<Bool>.bool.read(good, as: .nginx) == true)
        }
        for good in ["0", "f", "F", "FALSE", "false", "False"] {
            #expect(SettingForm<Bool>.bool.read(good, as: .nginx) == false)
        }
    }

    @Test(
        "a number lies in its range",
        arguments: [("1", 1), ("10", 10), ("11", nil), ("0", nil), ("+1", nil), ("1e1", nil)]
            as [(String, Int?)])
    func numbers(text: String, expected: Int?) {
        #expect(SettingForm<Int>.integer(1...10).read(text) == expected)
    }

    @Test(
        "a network is an address, with or without a number of bits",
        arguments: [
            ("10.0.0.0/8", true), ("10.0.0.1", true), ("2001:db8::/32", true), ("::1", true),
            ("10.0.0.0/33", false), ("::/129", false), ("10.0.0/8", false), ("10.0.0.0/", false),
            ("/8", false), ("10.0.0.0/8/8", false), ("", false), ("example.com", false),
        ])
    func networks(text: String, expected: Bool) {
        #expect((SettingForm<String>.network.read(text) != nil) == expected)
    }

    @Test("a list is separated by commas, blanks or lines, and whole or nothing")
    func lists() {
        let form = SettingForm<String>.network.list(of: "networks")
        #expect(form.read("10.0.0.0/8, 192.0.2.1\n::1") == ["10.0.0.0/8", "192.0.2.1", "::1"])
        #expect(form.read("10.0.0.0/8,nonsense") == nil)
        #expect(form.read(" , ") == nil)
    }

    @Test("a word is one of those there are, whatever its case")
    func words() {
        let form = SettingForm<Int>.word(["round_robin": 1, "ewma": 2])
        #expect(form.read("EWMA") == 2)
        #expect(form.read("other") == nil)
        #expect(form.expectation == "round_robin, ewma")
    }

    @Test("a line of text has no control characters, is not empty and not without end")
    func lines() {
        let form = SettingForm<String>.line("a text", atMost: 5)
        #expect(form.read("a b") == "a b")
        for text in ["", "a\nb", "a\u{7F}", "123456"] { #expect(form.read(text) == nil) }
    }

    @Test("the name of a field is a token")
    func fieldNames() {
        #expect(SettingForm<String>.fieldName.read("X-Real-IP") == "X-Real-IP")
        for text in ["", "a b", "a:", "ä"] { #expect(SettingForm<String>.fieldName.read(text) == nil) }
    }
}
