import Kubernetes
import Testing

@Suite("Reading YAML")
struct YAMLNodeTests {
    @Test("a kubeconfig is read by its keys")
    func kubeconfig() throws {
        let text = """
            apiVersion: v1
            kind: Config
            current-context: dev
            users:
            - name: admin
              user:
                token: "8080"
            - name: plain
              user: {client-certificate: /tmp/a.crt}
            """
        let file = try YAMLNode(parsing: Array(text.utf8))
        #expect(file["current-context"]?.string == "dev")
        let users = try #require(file["users"]?.list)
        #expect(users.map { $0["name"]?.string } == ["admin", "plain"])
        #expect(users.map(\.line) == [5, 8])
        #expect(users[0]["user"]?["token"]?.string == "8080")
        #expect(users[1]["user"]?["client-certificate"]?.string == "/tmp/a.crt")
        #expect(file["nothing"] == nil && file["kind"]?["x"] == nil)
    }

    @Test(
        "plain scalars have the types Kubernetes gives them",
        arguments: [
            ("80", .integer(80)), ("-1", .integer(-1)), ("+7", .integer(7)), ("0x1F", .integer(31)),
            ("0o17", .integer(15)),
            ("017", .integer(15)), ("0b11", .integer(3)), ("1_000", .integer(1000)), ("0", .integer(0)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("1.5", .number("1.5")),
            ("1e3", .number("1000.0")), ("089", .number("89.0")), (".5", .number("0.5")),
            ("true", .boolean(true)), ("False", .boolean(false)), ("yes", .boolean(true)),
            ("off", .boolean(false)),
            ("null", .null), ("~", .null), ("", .null), ("Null", .null),
            ("\"80\"", .string("80")), ("'true'", .string("true")), ("\"\"", .string("")),
            ("!!str 80", .string("80")),
            ("2026-11-21", .string("2026-11-21")), ("10.0.0.1", .string("10.0.0.1")),
            ("1.36.2", .string("1.36.2")),
            ("tRue", .string("tRue")), ("10m", .string("10m")), ("-", .list([.init(.null, line: 1)])),
            ("1e999", .string("1e999")),
            ("0x", .string("0x")), ("0x-1", .string("0x-1")), ("+-1", .string("+-1")),
            ("--1", .string("--1")), ("nan", .string("nan")),
            (".inf", .string(".inf")), ("１２", .string("１２")), ("+", .string("+")),
            ("!custom 80", .string("80")),
        ] as [(String, YAMLNode.Value)])
    func scalars(text: String, expected: YAMLNode.Value) throws {
        #expect(try YAMLNode(parsing: Array(text.utf8)).value == expected)
    }

    @Test("blocks of text keep their line ends")
    func blocks() throws {
        let node = try YAMLNode(parsing: Array("a: |\n  x\n  y\nb: >-\n  x\n  y\n".utf8))
        #expect(node["a"]?.string == "x\ny\n")
        #expect(node["b"]?.string == "x y")
    }

    @Test("keys that are no text are text in JSON")
    func keys() throws {
        let node = try YAMLNode(parsing: Array("{8080: a, true: b, 0x10: c}".utf8))
        #expect(node.fields?.map(\.key) == ["8080", "true", "16"])
    }

    @Test("an alias is what its anchor was, and << takes over what is not said anew")
    func aliases() throws {
        let node = try YAMLNode(
            parsing: Array("a: &x {p: 1, q: 2}\nb: *x\nc: {<<: *x, q: 3}\nd: {<<: [*x, {r: 4}]}\n".utf8))
        #expect(node["b"] == node["a"])
        #expect(node["c"]?.fields?.map { "\($0.key)\($0.value.integer ?? 0)" } == ["q3", "p1"])
        #expect(node["d"]?.fields?.map(\.key) == ["p", "q", "r"])
    }

    @Test(
        "what is wrong is told with its line",
        arguments: [
            ("a: 1\nb: 2\na: 3\n", 3, "stands twice"), ("a: [1,\nb: }\n", 2, ""),
            ("a: 1\n b: 2\n", 2, "not allowed"),
            ("a: *nobody\n", 1, "anchor"), ("a: &a [*a]\n", 1, "anchor"), ("? [1]\n: 2\n", 1, "key"),
            ("a:\n\t- 1\n", 2, ""),
            ("\n\n---\na: 1\n---\n", 1, "several"), ("a: \"\u{0}\"", 1, ""), ("a: 'x\n", 2, ""),
            ("~: x\n", 1, "key"),
            ("a: {<<: 3}", 1, "map"), ("a: \"\\q\"", 1, "escape"), ("a: 1\n\nb: @x", 3, "token"),
        ])
    func errors(text: String, line: Int, part: String) throws {
        let error = try #require(throws: YAMLError.self) { try YAMLNode(parsing: Array(text.utf8)) }
        #expect(error.line == line && (part.isEmpty || error.message.contains(part)), "\(error)")
    }

    @Test("bytes that are not UTF-8 are an error")
    func encoding() {
        #expect(throws: YAMLError.self) { try YAMLNode(parsing: [0x61, 0x3A, 0x20, 0xFF]) }
        #expect(throws: YAMLError.self) { try YAMLNode(parsing: [0xFF, 0xFE, 0x61, 0x00]) }
    }

    @Test("a text may be nested 64 deep and no deeper", arguments: ["[", "{a: ", "- "])
    func depth(opening: String) {
        let text = { (depth: Int) in Array(String(repeating: opening, count: depth).utf8) }
        let close = { (depth: Int) in
            opening == "- " ? [] : Array(String(repeating: opening == "[" ? "]" : "}", count: depth).utf8)
        }
        #expect(throws: Never.self) { try YAMLNode(parsing: text(64) + close(64)) }
        #expect(throws: YAMLError.self) { try YAMLNode(parsing: text(65) + close(65)) }
        #expect(throws: YAMLError.self) { try YAMLNode(parsing: text(5000)) }
    }

    @Test("aliases can neither explode in number nor in depth")
    func bombs() throws {
        var laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for i in 1...9 {
            laughs +=
                "a\(i): &a\(i) [" + Array(repeating: "*a\(i - 1)", count: 10).joined(separator: ", ") + "]\n"
        }
        var error = try #require(throws: YAMLError.self) { try YAMLNode(parsing: Array(laughs.utf8)) }
        #expect(error.message.contains("too many"))
        var tower = "a0: &a0 [x]\n"
        for i in 1...80 { tower += "a\(i): &a\(i) [*a\(i - 1)]\n" }
        error = try #require(throws: YAMLError.self) { try YAMLNode(parsing: Array(tower.utf8)) }
        #expect(error.message.contains("deep") && error.line == 64)
    }

    @Test("a broken document does not lose the others, and lines go on counting")
    func documents() {
        let text = "# head\n%YAML 1.1\n---\na: 1\n---\nb: [\n--- # third\nc: 3\n...\n---\n\n--- d\n"
        let lines = YAMLNode.documents(of: Array(text.utf8)).map { document in
            switch document {
            case .success(let node): "\(node.line)"
            case .failure(let error): "!\(error.line)"
            }
        }
        #expect(lines == ["4", "!7", "8", "12", "12"])
    }

    @Test("nothing, comments and a byte order mark are no document")
    func empty() throws {
        for text in ["", "\n\n", "# only\n  # comments\n", "\u{FEFF}"] {
            #expect(YAMLNode.documents(of: Array(text.utf8)).isEmpty)
            #expect(try YAMLNode(parsing: Array(text.utf8)).isNull)
        }
        #expect(try YAMLNode(parsing: Array("\u{FEFF}a: 1".utf8))["a"]?.integer == 1)
        #expect(try YAMLNode(parsing: Array("a: 1\r\nb: 2\r\n".utf8))["b"]?.integer == 2)
    }

    @Test("a node is JSON again")
    func json() throws {
        let node = try YAMLNode(parsing: Array("{a: [1, 1.5, yes, ~, \"8\"], \"b\\\"\": {}}".utf8))
        #expect(String(decoding: node.json, as: UTF8.self) == #"{"a":[1,1.5,true,null,"8"],"b\"":{}}"#)
    }
}
