"""Rules about messages do what they do in Debian's haproxy: the answer, the line in the log, and what the server gets."""

from __future__ import annotations

import re
import socket

import pytest
from harness.twins import LOGGED, Seen, echo
from harness.waiting import wait_until

HEAD = LOGGED + "    option httplog\n"
FRONTEND = 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    default_backend b\n'
BACKEND = 'backend b\n    server s "127.0.0.1:${A}"\n'
FILES = {
    "page": "HTTP/1.1 403 Nope\nContent-Type: text/plain\nX-Page: 1\nContent-Length: 8\n\nown page",
    "body": "a body %%[src]\n",
}


def text(rules: str, *, backend: str = "") -> str:
    return HEAD + FRONTEND + rules + "\n" + BACKEND.replace("\n", f"\n{backend}\n", 1)


def logged(side, count: int) -> list[tuple[str, ...]]:
    """Of each line: where it went, the status, and how it ended; times and sizes differ."""
    pattern = re.compile(r" f (\S+) [-\d]+/[-\d]+/[-\d]+/[-\d]+/[-\d]+ (-?\d+) \d+ - - (\S{4}) ")
    wait_until(lambda: len(pattern.findall(side.log)) >= count, f"{count} lines in the log:\n{side.log}")
    # Workers write theirs in any order.
    return sorted(pattern.findall(side.log))


def whole(side, path: str, **settings) -> Seen:
    return Seen.of(side.exchange(path, **settings), errors=True)


# What is said behind `http-request`, and whether the body is the section's own, which differs.
REFUSALS = [
    "deny", "deny deny_status 404", "deny deny_status 429", "deny status 404", "deny status 418 hdr X-A 1",
    'deny deny_status 404 content-type text/plain string "hello" hdr X-A "1 2"', 'deny deny_status 401 errorfile "${DIR}/page"',
    "deny deny_status 429 default-errorfiles", "return", "return status 404", "return status 503 default-errorfiles",
    'return status 201 content-type text/plain string "a b" hdr X-A "b c" hdr X-B 2', "return status 204 hdr X-A b",
    'return content-type text/plain file "${DIR}/body"', "return status 299 hdr X-A 100%%",
    'return errorfile "${DIR}/page"', "tarpit", "tarpit deny_status 429",
]  # fmt: skip
REDIRECTIONS = [
    "location /x", "location /x code 301", "location /x code 303", "location /x code 307", "location http://o/ code 308",
    "location /x set-cookie A=b", "location /x clear-cookie A", "location /x clear-cookie A=", "location /x append-slash",
    "location /x drop-query", "prefix http://o", "prefix /", "prefix /p/ drop-query", "prefix http://o drop-query append-slash",
    "prefix http://o append-slash", "scheme https", "scheme https code 301 drop-query", "scheme https drop-query append-slash",
    "location /100%%", "location /x ignore-empty",
]  # fmt: skip
PATHS = ["/", "/a?b=c", "/a/?", "/a/b/?x/"]


@pytest.mark.sanitizer
def test_a_request_is_answered_by_a_rule(twins):
    rules = [f"    http-request {action} if {{ path /{number} }}" for number, action in enumerate(REFUSALS)]
    pair = twins(text("\n".join(['    errorfile 429 "${DIR}/page"', *rules])), files=FILES, servers={"A": echo})

    def see(side, number, action, **settings):
        # The built-in pages say the same in other words.
        has_own = re.search("string|file|status 404 hdr|^return|status 418", action) and "default" not in action
        return action, whole(side, f"/{number}", **settings) if has_own else side.get(f"/{number}", **settings)

    def script(side):
        kinds = [{}, {"method": "HEAD"}, {"method": "POST", "body": b"abc"}]
        seen = [see(side, number, action, **kind) for kind in kinds for number, action in enumerate(REFUSALS)]
        return seen, side.get("/yes"), logged(side, len(seen) + 1)

    pair.agree(script)


@pytest.mark.parametrize("where", ["http-request redirect", "redirect", "backend"])
def test_a_client_is_sent_elsewhere(twins, where):
    word = "http-request redirect" if where == "backend" else where
    rules = "\n".join(f"    {word} {target} if {{ hdr(x) {number} }}" for number, target in enumerate(REDIRECTIONS))
    pair = twins(text("", backend=rules) if where == "backend" else text(rules), servers={"A": echo})

    def script(side):
        asked = [(path, number) for path in PATHS for number in range(len(REDIRECTIONS))]
        seen = [(number, whole(side, path, host="www.example.org:81", headers=[("X", str(number))])) for path, number in asked]
        return seen, logged(side, len(asked))

    pair.agree(script)


RULES = """
    acl first path_beg /first
    http-request allow if first
    http-request deny deny_status 404 if { path /first/x }
    http-request deny deny_status 405 if METH_POST or { path_end .php }
    http-request deny deny_status 410 unless { hdr(host) -i a.example b.example }
    redirect location /moved if { path_end /moved }
    http-request return status 202 if { path /late }
    use_backend c if { path_beg /c }
"""


@pytest.mark.sanitizer
def test_the_first_rule_that_ends_a_request_counts_and_a_frontend_comes_before_its_backend(twins):
    backend = "    http-request allow if { path /c/allowed }\n    http-request deny deny_status 503 if { path /c/x }\n    redirect prefix /e"
    files = text(RULES, backend="    http-request deny deny_status 429 if { path_end /b }") + "backend c\n" + backend + "\n"
    pair = twins(files, servers={"A": echo})

    def script(side):
        paths = ["/", "/first/x", "/first/moved", "/a.php", "/moved", "/late", "/first/b", "/b", "/c/x", "/c/allowed", "/c/y?z"]
        hosts = ["a.example", "B.example", "c.example"]
        seen = [side.get(path, host=host) for path in paths for host in hosts]
        return seen, logged(side, len(seen))

    pair.agree(script)


def test_a_listen_section_asks_its_rules_once(twins):
    rules = "    http-request deny deny_status 404 if { path /no }\n    http-request return status 201 if { path /yes }\n"
    pair = twins(HEAD + 'listen f\n    bind "127.0.0.1:${HTTP}"\n' + rules + '    server s "127.0.0.1:${A}"\n', servers={"A": echo})
    pair.agree(lambda side: ([side.get(path) for path in ("/no", "/yes", "/")], logged(side, 3)))


def test_a_connection_goes_on_behind_an_answer_of_ours(twins):
    pair = twins(text("    http-request return status 200 content-type text/plain string hi if { path /hi }\n    redirect location /x if { path /r }"), servers={"A": echo})

    def script(side):
        with side.client() as client:
            return [Seen.of(client.request(path), errors=True) for path in ("/hi", "/r", "/hi", "/a")]

    pair.agree(script)


def raw(side, request: bytes, seconds: float = 15) -> bytes:
    """Everything that comes back until the connection ends; `?` if it does not."""
    with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), seconds) as connection:
        connection.sendall(request)
        got = b""
        try:
            while piece := connection.recv(1 << 16):
                got += piece
        except ConnectionResetError:
            pass
        except TimeoutError:
            got += b"?"
        return got


def test_a_rejected_client_hears_nothing(twins):
    pair = twins(text("    http-request reject if { path /no }"), servers={"A": echo})
    pair.agree(lambda side: (raw(side, b"GET /no HTTP/1.1\r\nHost: a\r\n\r\n"), logged(side, 1)))


def test_a_silently_dropped_client_is_not_even_told_of_the_end(twins):
    pair = twins(text("    http-request silent-drop if { path /no }"), servers={"A": echo})
    pair.agree(lambda side: (raw(side, b"GET /no HTTP/1.1\r\nHost: a\r\n\r\n", 0.5), logged(side, 1)))


def test_a_tarpitted_client_waits_for_its_time_or_leaves_before(twins):
    rules = "    timeout tarpit 1s\n    http-request tarpit if { path /no }\n    http-request tarpit deny_status 404 if { path /other }"
    pair = twins(text(rules), servers={"A": echo})

    def script(side):
        import time

        begin = time.monotonic()
        seen = [side.get("/no").status, side.get("/other").status]
        took = time.monotonic() - begin
        with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 15) as connection:
            connection.sendall(b"GET /no HTTP/1.1\r\nHost: a\r\n\r\n")
        return seen, took >= 2, logged(side, 3)

    pair.agree(script, at_once=True)


def test_a_monitor_is_answered_before_any_rule_and_not_logged(twins):
    rules = """    monitor-uri /alive
    acl ill hdr(x-ill) 1
    monitor fail if ill
    monitor fail unless { hdr(host) -m found }
    http-request deny"""
    pair = twins(text(rules), servers={"A": echo})

    def script(side):
        headers = [[], [("X-Ill", "1")], [("X-Ill", "2")]]
        seen = [side.get("/alive", headers=each).status for each in headers]
        return seen, [side.get(path).status for path in ("/alive?x", "/alivex", "/")], logged(side, 3)

    pair.agree(script)


# What is said behind `http-request`; the server answers with what it was sent.
CHANGES = [
    "set-header X-A 1", 'set-header X-A "%[src] %[path]"', "set-header x-one changed", "add-header X-One 2", "del-header x-one",
    "del-header x- -m beg", "del-header one -m sub", "del-header -two -m end", "del-header ^x-(one|two)$ -m reg", "del-header X-ONE -m str",
    "set-header Host other.example:81", "set-header X-A 100%%", 'set-header X-A "a%[str(x y)]b"', "set-header X-A %[req.hdr(nothing)]",
    "set-header X-A %[req.hdr(x-two,1)],%[req.fhdr(x-two)]", 'replace-header X-Two "(.*)b(.*)" "[\\\\2|\\\\1]"', "replace-header x-two ^nothing$ never",
    "replace-value X-Two b B", "replace-value X-Two [ac] A", "replace-value X-Two '^(.)$' <\\\\1>", 'replace-header Cookie "s=([^;]*)" "s=%[src],\\\\1"',
    "set-method PUT", "set-path /new", "set-path /new/%[path]", "set-pathq /new", "set-pathq /new?x=%[query]", "set-query z=1",
    "set-query %[req.hdr(nothing)]", 'set-query "%[query,regsub(b=,c=,g)]"', "set-uri /u?v", 'replace-path "/a/(.*)" "/\\\\1/a"', 'replace-path "(.*)" "/p\\\\1"',
    'replace-pathq "([^?]*)[?](.*)" "/\\\\2?\\\\1"', 'replace-uri "^/a(.*)" "/b\\\\1"', "replace-path nothing /x",
]  # fmt: skip


@pytest.mark.sanitizer
@pytest.mark.parametrize("where", ["frontend", "backend"])
def test_the_server_gets_what_rules_made_of_a_request(twins, where):
    rules = "\n".join(f"    http-request {change} if {{ hdr(x) {number} }}" for number, change in enumerate(CHANGES))
    pair = twins(text("", backend=rules) if where == "backend" else text(rules), servers={"A": echo})
    fields = [("X-One", "1"), ("X-Two", "a, b ,c,b"), ("X-Two", "d"), ("Cookie", "s=1; t=2")]

    def script(side):
        kinds = [{"path": "/a/b?b=1&b=2"}, {"path": "/a/c"}, {"path": "/a/d?", "method": "POST", "body": b"some body"}]
        asked = [(kind, number) for kind in kinds for number in range(len(CHANGES))]
        return [(CHANGES[number], side.get(**kind, headers=[("X", str(number)), *fields])) for kind, number in asked]

    pair.agree(script)


SEEN = """
    http-request set-header X-Way "%[path]"
    http-request set-path /one%[path]
    http-request set-header X-Now "%[path] %[url] %[base] %[req.hdr(x-way)]"
    http-request del-header X-Gone
    http-request set-header X-Gone-Too "%[req.hdr(x-gone)]%[req.hdr_cnt(x-gone)]"
    http-request deny deny_status 404 if { hdr(x-gone) -m found }
    http-request set-header Host new.example if { path_end /host }
    http-request return status 201 content-type text/plain string second if { path -i /one/Second }
    http-request redirect prefix http://o if { path /one/moved }
    http-request redirect location http://%[req.hdr(host)]/%[req.hdr(x-way)] code 307 if { path_end /formatted }
    http-request redirect location %[req.hdr(nothing)] ignore-empty if { path_end /empty }
    use_backend c if { path_beg /one/c } or { hdr(host) new.example }
"""


@pytest.mark.sanitizer
def test_what_follows_sees_the_changed_request(twins):
    after = "    http-request set-header X-Backend %[path]\n    http-request replace-path /one(.*) \\1\n    http-request set-header X-Later %[path]"
    pair = twins(
        text(SEEN) + "backend c\n" + after + '\n    server s "127.0.0.1:${B}"\n', servers={"A": echo, "B": echo})

    def script(side):
        paths = ["/", "/c/x?y", "/host", "/second", "/moved?q", "/formatted", "/empty"]
        seen = [whole(side, path, host="old.example", headers=[("X-Gone", "yes")]) for path in paths]
        return seen, sorted((where, status, ending) for where, status, ending in logged(side, len(paths)))

    pair.agree(script)


def test_changes_are_repeated_with_the_request(twins):
    rules = "    option redispatch\n    retries 3\n    retry-on all-retryable-errors\n    http-request set-header X-Try yes\n    http-request set-path /again%[path]"
    text_ = HEAD + FRONTEND + "backend b\n" + rules + '\n    server bad "127.0.0.1:${A}"\n    server good "127.0.0.1:${B}"\n'

    def slam(session, request):
        session.close()

    pair = twins(text_, servers={"A": slam, "B": echo})
    pair.agree(lambda side: [side.get("/x", headers=[("X-A", "1")]) for _ in range(4)])


def replies(session, request):
    """Answers with the status of the path, and fields to be changed."""
    status = int(request.target.strip("/").split("/")[0] or 200)
    session.answer(status, b"" if status == 204 else b"body", headers="X-One: 1\r\nX-Two: a, b\r\nX-Two: d\r\nSet-Cookie: s=1; path=/\r\nX-Server: s\r\n")


ANSWERS = [
    "set-header X-A 1", 'set-header X-A "%[status] %[res.hdr(x-two,1)] %s"', "set-header x-one changed", "add-header X-One 2", "del-header x-one",
    "del-header x- -m beg", "del-header ^x-(one|two)$ -m reg", 'replace-header Set-Cookie "(.*)" "\\\\1; Secure"', "replace-value X-Two b B",
    "replace-header X-Two ^d$ <%[src]>", "set-header X-A %[res.hdr(nothing)]", "deny if { status 404 }", "deny deny_status 503 if { status 500:599 }",
    'return status 299 content-type text/plain string hi hdr X-R 1 if { res.hdr(x-two) b }', "deny deny_status 404 unless { res.hdr_cnt(x-two) 3 }",
    "set-header X-Ok yes if { status 200:299 } !{ res.hdr(x-none) -m found }",
]  # fmt: skip


@pytest.mark.sanitizer
@pytest.mark.parametrize("where", ["frontend", "backend"])
def test_the_client_gets_what_rules_made_of_an_answer(twins, where):
    def rules(change):
        return f"    http-response {change}"

    for start in range(0, len(ANSWERS), 4):
        some = ANSWERS[start : start + 4]
        names = [f"b{number}" for number in range(len(some))]
        switch = "".join(f"    use_backend {name} if {{ hdr(x) {name} }}\n" for name in names)
        if where == "backend":
            backends = "".join(f'backend {name}\n{rules(change)}\n    server s "127.0.0.1:${{A}}"\n' for name, change in zip(names, some))
            pair = twins(HEAD + FRONTEND + switch + BACKEND + backends, servers={"A": replies})
            asked = [(name, path) for name in names for path in ("/200", "/404", "/503", "/204", "/304")]
        else:
            pair = twins(text("\n".join(map(rules, some))), servers={"A": replies})
            asked = [("", path) for path in ("/200", "/404", "/503", "/204", "/304")]

        def script(side):
            seen = [(some, path, side.get(path, headers=[("X", name)]), side.get(path, method="HEAD", headers=[("X", name)])) for name, path in asked]
            return seen, logged(side, 2 * len(asked))

        pair.agree(script)


def test_a_backend_changes_an_answer_before_its_frontend_and_allow_ends_one_list(twins):
    front = "    http-response set-header X-Way %[res.hdr(x-way)],front\n    http-response allow if { status 201 }\n    http-response set-header X-Last front"
    back = "    http-response set-header X-Way back\n    http-response allow if { status 201 }\n    http-response set-header X-Late back"
    pair = twins(text(front, backend=back), servers={"A": replies})
    pair.agree(lambda side: [side.get(path) for path in ("/200", "/201", "/404")])


def test_errors_of_ours_are_no_answers_of_servers(twins):
    pair = twins(text("    http-response set-header X-A 1\n    http-request deny if { path /no }", backend="    http-response set-header X-B 1"), servers={"A": replies})

    pair.agree(lambda side: [side.get("/no"), side.get("/200")])


# Seven fields of 6,000 bytes fit neither program's head.
TOO_MUCH = "%[req.hdr(x-long)]" * 7
STRICTNESS = f"""
    http-request strict-mode off if {{ path_beg /lenient }}
    http-request set-header X-Big {TOO_MUCH} if {{ path_end /request }}
    http-request set-header X-After 1
    http-request set-var(txn.long) req.hdr(x-long)
    http-response strict-mode off if {{ var(txn.lenient) -m found }}
    http-response set-header X-Big {TOO_MUCH.replace("req.hdr(x-long)", "var(txn.long)")} if {{ res.hdr(x-fill) -m found }}
    http-response set-header X-Behind 1
    http-request set-var(txn.lenient) bool(true) if {{ path_beg /lenient }}
"""


def test_what_can_not_be_changed_ends_a_request_only_in_strict_mode(twins):
    def fill(session, request):
        head = "X-Fill: 1\r\n" if request.target.endswith("/answer") else ""
        session.answer(headers=f"{head}X-Seen: {request.get('x-after')} {request.get('x-big') is None}\r\n")

    pair = twins(text(STRICTNESS), servers={"A": fill})

    def script(side):
        found = []
        for path in ["/strict/request", "/lenient/request", "/strict/answer", "/lenient/answer"]:
            answer = side.exchange(path, headers=[("X-Long", "a" * 6000)])
            found.append((path, answer.status, answer.get("x-seen"), answer.get("x-big") is None, answer.get("x-behind")))
        return found

    assert pair.agree(script) == [
        ("/strict/request", 500, None, True, None),
        ("/lenient/request", 200, "1 True", True, "1"),
        ("/strict/answer", 500, None, True, None),
        ("/lenient/answer", 200, "1 True", True, "1"),
    ]
