import Basics
import Model
import Testing

@testable import Engine

@Suite("Plain tests")
struct PlainTestTests {
    /// The same condition of the same request, in place and by samples.
    private func holds(_ condition: RuleCondition, of text: String) -> (plain: Bool, sampled: Bool) {
        let set = ConditionSet([condition])
        var workspace = SampleWorkspace()
        workspace.reset()
        var source = TestRequest(text)
        let sampled = set.holds(0, for: source, &workspace)
        source.isSeen = true
        workspace.reset()
        let plain = set.holds(0, for: source, &workspace)
        withExtendedLifetime(source) {}
        return (plain, sampled)
    }

    private func isPlain(_ fetch: Fetch, _ matching: Matching, _ converters: [Converter] = []) throws -> Bool
    {
        var literals = Literals()
        return PlainTest(SampleTest(try Expression(fetch, converters), matching), &literals).isPlain
    }

    private func text(_ match: TextMatch, _ texts: String...) -> Matching {
        .text(match, texts.map { Array($0.utf8) }, ignoresCase: false)
    }

    @Test("what is asked most is plain")
    func plain() throws {
        #expect(try isPlain(.ofRequest(.path), text(.prefix, "/a")))
        #expect(try isPlain(.ofRequest(.method), text(.exact, "GET", "HEAD")))
        #expect(try isPlain(.requestField(FieldPick("host")), text(.exact, "a")))
        #expect(try isPlain(.requestField(FieldPick("x")), .found))
        #expect(try isPlain(.requestField(FieldPick("x", as: .integer)), .number([1...3])))
        #expect(try isPlain(.cookie("c", as: .string), text(.substring, "a")))
        #expect(try isPlain(.parameter("v", delimiter: UInt8(ascii: "?"), as: .string), text(.exact, "1")))
        #expect(try isPlain(.ofClient(.source), .address(["10.0.0.0/8", "::1"])))
        #expect(try isPlain(.ofRequest(.path), .regex(["^/a"], ignoresCase: true)))
        #expect(try isPlain(.ofClient(.isTLS), .truth))
    }

    @Test("what has to be worked on is not")
    func others() throws {
        #expect(try !isPlain(.ofRequest(.path), text(.prefix, "/a"), [.lower]))
        #expect(try !isPlain(.ofRequest(.base), text(.prefix, "a/")))
        #expect(try !isPlain(.requestField(FieldPick("x", occurrence: 2)), text(.exact, "a")))
        #expect(try !isPlain(.requestField(FieldPick("x", as: .integer)), text(.exact, "1")))
        #expect(try !isPlain(.requestField(FieldPick("x", as: .address)), .address(["10.0.0.0/8"])))
        #expect(try !isPlain(.cookie("c", as: .address), .address(["10.0.0.0/8", "::1"])))
        #expect(try !isPlain(.parameter(nil, delimiter: UInt8(ascii: "?"), as: .string), .found))
        #expect(try !isPlain(.ofRequest(.path), .truth))
    }

    @Test(
        "the beginning of every match is known where it is certain",
        arguments: [
            ("^/items/[0-9]+/9$", "/items/"), ("^/a+b", "/a"), ("^/ab?", "/a"), ("^/ab*", "/a"),
            ("^/a{2}", "/"),
            ("^/a(b|c)d", "/a"), ("^/a|b", ""), ("/a", ""), ("^/a\\.b", "/"), ("^/a(?#c)*", "/"), ("^", ""),
            ("^(a|b)", ""), ("^/a[|]b", ""), ("^/a$", "/a"), ("^/a.b", "/a"), ("^/a(?:b|c)", ""),
            ("^/a\\E*", "/"),
        ])
    func prefixes(pattern: String, prefix: String) {
        #expect(PatternPrefix.of(pattern) == Array(prefix.utf8))
    }

    @Test("they say what samples say, whatever the request and the question", arguments: 1...8)
    func same(seed: UInt64) throws {
        var (random, held, plain) = (RandomCase(seed), 0, 0)
        for _ in 0..<60 {
            let request = random.request()
            for _ in 0..<20 {
                let (condition, isPlain) = try random.condition()
                let holds = holds(condition, of: request)
                #expect(holds.plain == holds.sampled, "\(condition) of \(request)")
                if isPlain { plain += 1 }
                if isPlain, holds.sampled { held += 1 }
            }
        }
        // Both answers occur often, or nothing has been compared.
        #expect(plain > 400 && held > 80 && held < plain - 80)
    }

    /// Requests and questions made of few words, so that they often meet.
    private struct RandomCase {
        private var random: RandomNumbers
        private static let words = [
            "a", "A", "ab", "aB", "b", "one", "One", "7", "70", "-3", "", "x y", "\"a,b\"", "a.b", "c=1",
            "192.0.2.7", "/",
            "?", ";",
        ]

        init(_ seed: UInt64) { random = RandomNumbers(seed: seed) }

        private mutating func pick<Value>(_ values: [Value]) -> Value {
            values[Int(random.next(below: UInt32(values.count)))]
        }

        private mutating func words(_ most: UInt32, _ separators: [String]) -> String {
            (0...random.next(below: most)).map { _ in pick(Self.words) + pick(separators) }.joined()
        }

        mutating func request() -> String {
            let path = words(3, ["/", "", "a"]).filter { !" \"?".contains($0) }
            let query = words(4, ["&", "=", ";", "?", "a=1", "b=ab"]).filter { !" \"".contains($0) }
            let target = "/" + path + pick(["", "?" + query, "?" + query])
            var lines = [
                pick(["GET", "POST", "get"]) + " " + target + " HTTP/1.1",
                "Host: " + pick(["a", "A.b", "one"]),
            ]
            for _ in 0..<random.next(below: 6) {
                let name = pick(["X", "x", "XY", "Cookie", "cookie", "ab", "XYZ"])
                lines.append(name + ": " + words(4, [",", ", ", "; ", "=", " ", "a=1; "]))
            }
            return lines.joined(separator: "\n")
        }

        mutating func condition() throws -> (RuleCondition, isPlain: Bool) {
            var (alternatives, isPlain): ([[RuleCondition.Term]], Bool) = ([], true)
            for _ in 0...random.next(below: 2) {
                var terms: [RuleCondition.Term] = []
                for _ in 0...random.next(below: 2) {
                    let tests = try (0...random.next(below: 2)).map { _ in try test() }
                    for test in tests {
                        var literals = Literals()
                        isPlain = isPlain && PlainTest(test, &literals).isPlain
                    }
                    terms.append(RuleCondition.Term(tests, isNegated: random.next(below: 4) == 0))
                }
                alternatives.append(terms)
            }
            return (RuleCondition(alternatives, isNegated: random.next(below: 4) == 0), isPlain)
        }

        private mutating func test() throws -> SampleTest {
            let name = pick(["x", "X", "xy", "cookie", "a", "ab", "host", "none"])
            let question = UInt8(ascii: "?")
            let kinds: [(Fetch, Bool, Bool)] = [
                (.ofRequest(.method), true, false), (.ofRequest(.path), true, false),
                (.ofRequest(.pathAndQuery), true, false), (.ofRequest(.query), true, false),
                (.requestField(FieldPick(name)), true, true),
                (.requestField(FieldPick(name, isWhole: true)), true, true),
                (.requestField(FieldPick(name, as: .integer)), false, true),
                (.cookie(name, as: .string), true, true),
                (.requestField(FieldPick(name, occurrence: 1)), true, true),
                (.cookie(name, as: .integer), false, true),
                (.parameter(name, delimiter: question, as: .string), true, true),
                (.parameter(name, delimiter: question, as: .integer), false, true),
                (.ofClient(.source), false, false),
                (.requestField(FieldPick(name, as: .address)), false, false),
                (.cookie(name, as: .address), false, false),
                (.ofRequest(.isHTTP), false, false), (.ofClient(.isTLS), false, false),
            ]
            let (fetch, isText, isNumber) = pick(kinds)
            if fetch.output == .address { return SampleTest(try Expression(fetch), networks()) }
            guard isText || isNumber else { return SampleTest(try Expression(fetch), .truth) }
            return SampleTest(try Expression(fetch), isText ? texts(isNumber) : numbers())
        }

        private mutating func networks() -> Matching {
            .address(pick([["192.0.2.0/24"], ["192.0.2.8"], ["10.0.0.0/8", "192.0.2.7"], ["::/0"], []]))
        }

        private mutating func numbers() -> Matching {
            .number(pick([[7...7], [-3...0], [0...0, 70...70], [.min ... -1], []]))
        }

        private mutating func texts(_ isNumber: Bool) -> Matching {
            switch random.next(below: 10) {
            case 0: return .found
            case 1: return .length(pick([[0...0], [1...3], [0...1, 4...9], []]))
            case 2:
                let pattern = pick(["^/a", "^a(b|c)?", "^a|b$", "[0-9]+", "^/[a-z]+/", "^A.", "^o+ne?", "^$"])
                return .regex(pick([[pattern], [pattern, "7$"]]), ignoresCase: random.next(below: 2) == 0)
            case 3 where isNumber: return numbers()
            default:
                let texts = (0..<pick([0, 1, 1, 1, 1, 1, 2, 3])).map { _ in Array(pick(Self.words).utf8) }
                return .text(pick(TextMatch.allCases), texts, ignoresCase: random.next(below: 2) == 0)
            }
        }
    }
}
