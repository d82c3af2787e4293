import Model

/// The ACLs of a section by name, and those that are always there.
struct AccessLists: Sendable {
    private var own: [String: [SampleTest]] = [:]
    /// Those of lines that were refused: who names them is not told again.
    private var refused: Set<String> = []

    /// Another line of an ACL: one of them has to match.
    mutating func add(_ tests: [SampleTest], to name: String) { own[name, default: []] += tests }

    /// A line of an ACL could not be read.
    mutating func refuse(_ name: String) { refused.insert(name) }

    /// Whether a line of an ACL could not be read.
    func isRefused(_ name: String) -> Bool { refused.contains(name) }

    /// All lines of an ACL; nil if there is none of that name.
    subscript(name: String) -> [SampleTest]? { own[name] ?? AccessLists.predefined[name] }

    /// Whatever can be named.
    var names: [String] { own.keys.sorted() + AccessLists.predefined.keys.sorted() }

    private static let predefined: [String: [SampleTest]] = {
        var lists: [String: [SampleTest]] = [:]
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ").map { Word(String($0)) }
            var reader = TestReader(.nothing)
            guard let tests = try? reader.test(words.dropFirst()) else { continue }
            lists[words[0].text] = tests
        }
        return lists
    }()

    /// As HAProxy defines them.
    private static let lines = """
        TRUE always_true
        FALSE always_false
        LOCALHOST src 127.0.0.1/8 ::1
        HTTP req.proto_http
        HTTP_1.0 req.ver 1.0
        HTTP_1.1 req.ver 1.1
        HTTP_2.0 req.ver 2.0
        HTTP_3.0 req.ver 3.0
        HTTP_CONTENT req.hdr_val(content-length) gt 0
        HTTP_URL_ABS url_reg ^[^/:]*://
        HTTP_URL_SLASH url_beg /
        HTTP_URL_STAR url *
        METH_CONNECT method CONNECT
        METH_DELETE method DELETE
        METH_GET method GET HEAD
        METH_HEAD method HEAD
        METH_OPTIONS method OPTIONS
        METH_POST method POST
        METH_PUT method PUT
        METH_TRACE method TRACE
        RDP_COOKIE req.rdp_cookie_cnt gt 0
        REQ_CONTENT req.len gt 0
        WAIT_END wait_end
        """
}
