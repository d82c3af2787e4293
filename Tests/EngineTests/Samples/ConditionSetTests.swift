import Basics
import Model
import Testing
import Wire

@testable import Engine

@Suite("Conditions")
struct ConditionSetTests {
    private static let request = """
        GET /Images/a.PNG?id=5&x=1&id=7 HTTP/1.1
        Host: www.Example.org
        X: one, two
        X: three
        Cookie: c=1; c=2
        """

    private func holds(_ condition: RuleCondition?, of request: String = request) -> Bool {
        var workspace = SampleWorkspace()
        workspace.reset()
        let source = TestRequest(request)
        let holds = ConditionSet([condition]).holds(0, for: source, &workspace)
        withExtendedLifetime(source) {}
        return holds
    }

    private func matches(_ fetch: Fetch, _ matching: Matching) throws -> Bool {
        holds(RuleCondition([[.init([SampleTest(try Expression(fetch), matching)])]]))
    }

    private func text(_ match: TextMatch, _ patterns: String..., folded: Bool = false) -> Matching {
        .text(match, patterns.map { Array($0.utf8) }, ignoresCase: folded)
    }

    private let truth = RuleCondition.Term([SampleTest(Self.constant(true), .truth)])
    private let untruth = RuleCondition.Term([SampleTest(Self.constant(false), .truth)])

    private static func constant(_ value: Bool) -> Expression {
        (try? Expression(.boolean(value))) ?? Self.constant(value)
    }

    private func not(_ term: RuleCondition.Term) -> RuleCondition.Term {
        RuleCondition.Term(term.tests, isNegated: !term.isNegated)
    }

    @Test("all terms of one alternative must hold; no condition always holds")
    func logic() {
        let (t, f) = (truth, untruth)
        #expect(holds(nil))
        #expect(holds(RuleCondition([[t]])) && !holds(RuleCondition([[f]])))
        #expect(holds(RuleCondition([[t, t]])) && !holds(RuleCondition([[t, f]])))
        #expect(!holds(RuleCondition([[f, t]])) && holds(RuleCondition([[f], [t]])))
        #expect(holds(RuleCondition([[f, t], [t, f], [t, t]])))
        #expect(!holds(RuleCondition([[f, t], [t, f], [t, f, t]])))
        #expect(holds(RuleCondition([[not(f), t]])) && !holds(RuleCondition([[not(t)]])))
        #expect(
            !holds(RuleCondition([[t]], isNegated: true))
                && holds(RuleCondition([[f], [f]], isNegated: true)))
        #expect(!holds(RuleCondition([[f, t], [t]], isNegated: true)))
    }

    @Test("several lines of one ACL are alternatives, also where it is negated")
    func lines() {
        let either = RuleCondition.Term(untruth.tests + truth.tests)
        #expect(holds(RuleCondition([[either]])) && !holds(RuleCondition([[not(either)]])))
    }

    @Test("rules that ask the same share it")
    func shared() {
        var workspace = SampleWorkspace()
        workspace.reset()
        let set = ConditionSet([RuleCondition([[truth, not(untruth)]]), RuleCondition([[untruth]]), nil])
        let source = TestRequest("GET / HTTP/1.1\nHost: a")
        let holds = (0..<3).map { set.holds($0, for: source, &workspace) }
        #expect(holds == [true, false, true])
    }

    @Test("texts, with and without case")
    func texts() throws {
        let path = Fetch.ofRequest(.path)
        #expect(try matches(path, text(.exact, "/x", "/Images/a.PNG")))
        #expect(try !matches(path, text(.exact, "/images/a.png")))
        #expect(try matches(path, text(.exact, "/images/a.png", folded: true)))
        #expect(
            try matches(path, text(.prefix, "/y", "/Im")) && !matches(path, text(.prefix, "/im", "")) == false
        )
        #expect(try !matches(path, text(.prefix, "/im", "/Images/a.PNGx")))
        #expect(try matches(path, text(.suffix, ".jpg", ".png", folded: true)))
        #expect(try !matches(path, text(.suffix, ".png", "x/Images/a.PNG")))
        #expect(
            try matches(path, text(.substring, "zz", "ages/")) && !matches(path, text(.substring, "AGES")))
        #expect(try matches(path, text(.substring, "AGES", folded: true)))
        #expect(try !matches(path, text(.exact)))
    }

    @Test(
        "directories stand between slashes",
        arguments: [
            ("Images", true), ("/Images/", true), ("a.PNG", true), ("mages", false), ("a", false),
            ("/", false),
        ])
    func directories(pattern: String, expected: Bool) throws {
        #expect(try matches(.ofRequest(.path), text(.directory, pattern)) == expected)
    }

    @Test(
        "domains stand between dots",
        arguments: [
            ("example", true), ("www.example", true), (".org", true), ("xample", false), ("exampl", false),
        ])
    func domains(pattern: String, expected: Bool) throws {
        #expect(
            try matches(.requestField(FieldPick("host")), text(.domain, pattern, folded: true)) == expected)
    }

    @Test("of several values one is enough, unless it is said which")
    func each() throws {
        #expect(try matches(.requestField(FieldPick("x")), text(.exact, "one")))
        #expect(try matches(.requestField(FieldPick("x")), text(.exact, "three")))
        #expect(try !matches(.requestField(FieldPick("x", occurrence: -1)), text(.exact, "one")))
        #expect(try matches(.requestField(FieldPick("x", isWhole: true)), text(.exact, "one, two")))
        #expect(try matches(.cookie("c", as: .string), text(.exact, "1")))
        #expect(try matches(.parameter("id", delimiter: UInt8(ascii: "?"), as: .integer), .number([7...7])))
        #expect(try !matches(.requestField(FieldPick("none")), text(.exact, "")))
    }

    @Test("a value that is no number or address does not hide the others")
    func mixed() throws {
        #expect(try !matches(.requestField(FieldPick("x", as: .address)), .found))
        let request = "GET / HTTP/1.1\nHost: a\nF: unknown, 10.1.2.3"
        let test = SampleTest(
            try Expression(.requestField(FieldPick("f", as: .address))), .address(["10.0.0.0/8"]))
        #expect(holds(RuleCondition([[.init([test])]]), of: request))
    }

    @Test("existence, numbers, lengths")
    func others() throws {
        #expect(try matches(.requestField(FieldPick("x")), .found))
        #expect(try !matches(.requestField(FieldPick("y")), .found))
        #expect(try matches(.requestFieldCount("x", isWhole: false), .number([1...1, 3...4])))
        #expect(try !matches(.requestFieldCount("x", isWhole: false), .number([4 ... .max, .min...2])))
        #expect(try matches(.ofRequest(.path), .length([13...13])))
        #expect(try !matches(.ofRequest(.path), .length([0...12])))
        #expect(try matches(.ofRequest(.method), .binary([[0x47, 0x45, 0x54]])))
        #expect(try matches(.requestFieldCount("x", isWhole: false), .truth))
        #expect(try !matches(.requestFieldCount("y", isWhole: false), .truth))
    }

    @Test(
        "networks",
        arguments: [
            (["192.0.2.0/24"], true), (["192.0.2.7"], true), (["192.0.2.8"], false), (["0.0.0.0/0"], true),
            (["10.0.0.0/8", "192.0.2.0/29"], true), (["::/0"], false), ([], false), (["nonsense"], false),
        ])
    func networks(patterns: [String], expected: Bool) throws {
        #expect(try matches(.ofClient(.source), .address(patterns)) == expected)
    }

    @Test("networks of IPv6")
    func networks6() throws {
        let address = Fetch.address("2001:db8:1::7")
        #expect(try matches(address, .address(["2001:db8::/32"])))
        #expect(try matches(address, .address(["10.0.0.0/8", "2001:db8:1::7"])))
        #expect(try !matches(address, .address(["2001:db8:2::/48", "0.0.0.0/0"])))
        #expect(try matches(address, .address(["::/0"])))
    }

    @Test("regular expressions match anywhere")
    func regexes() throws {
        #expect(try matches(.ofRequest(.path), .regex(["^/x", "a\\.P"], ignoresCase: false)))
        #expect(try !matches(.ofRequest(.path), .regex(["a\\.p"], ignoresCase: false)))
        #expect(try matches(.ofRequest(.path), .regex(["^/IMAGES/"], ignoresCase: true)))
    }

    @Test("a regular expression that takes too long matches nothing, and is counted")
    func overrun() throws {
        var workspace = SampleWorkspace()
        workspace.reset()
        let path = "/" + String(repeating: "a", count: 60) + "!"
        let test = SampleTest(try Expression(.ofRequest(.path)), .regex(["^/(a+)+$"], ignoresCase: false))
        let source = TestRequest("GET \(path) HTTP/1.1\nHost: a")
        let holds = ConditionSet([RuleCondition([[.init([test])]])]).holds(0, for: source, &workspace)
        withExtendedLifetime(source) {}
        #expect(!holds)
        #expect(workspace.overruns == 1)
    }

    @Test("many values are looked at one by one, in room for one")
    func room() throws {
        let request =
            "GET / HTTP/1.1\nHost: a\nX: " + Array(repeating: "A", count: 6_000).joined(separator: ",") + ",Z"
        let test = SampleTest(
            try Expression(
                .requestField(FieldPick("x")), [.lower, .concat(Array(repeating: 66, count: 50), nil, [])]),
            text(.prefix, "z"))
        #expect(holds(RuleCondition([[.init([test])]]), of: request))
    }

    @Test("a set of texts knows all of them and no other")
    func sets() {
        let texts = (0..<1_000).map { Array("name\($0).test".utf8) }
        let set = TextSet(texts + texts, ignoresCase: true)
        for number in 0..<1_000 {
            let (whole, shorter) = ("NAME\(number).Test", "name\(number).tes")
            let found = whole.withView { set.contains($0) }
            let isFoundShorter = shorter.withView { set.contains($0) }
            #expect(found && !isFoundShorter)
        }
        let hasPrefix = "name12.test/x".withView { set.containsPrefix(of: $0) }
        let hasEmpty = "".withView { set.contains($0) }
        #expect(hasPrefix && !hasEmpty)
    }

    @Test("ranges are merged and found")
    func ranges() {
        let ranges = SortedRanges<Int64>([5...9, 1...2, 8...12, 20...20, .min ... -5, 30 ... .max])
        let inside: [Int64] = [.min, -5, 1, 2, 5, 10, 12, 20, 30, .max]
        let outside: [Int64] = [-4, 0, 3, 4, 13, 19, 21, 29]
        let (found, others) = (inside.filter { ranges.contains($0) }, outside.filter { ranges.contains($0) })
        #expect(found == inside && others == [])
        let isInNone = SortedRanges<UInt32>([]).contains(0)
        #expect(!isInNone)
    }
}
