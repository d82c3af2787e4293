"""What samples say of exchanges, of connections with servers, of frontends and of whole messages, beside Debian's haproxy."""

from __future__ import annotations

import re
import ssl
import subprocess
import time

import pytest
from harness.backend import Backend
from harness.client import Client
from harness.listeners import listens
from harness.secure import SecureServer
from harness.sluice import binary, free_port
from harness.twins import LOGGED, echo, verdicts
from harness.waiting import wait_until
from simulator.pki import Authority

ASKED = [
    "fe_conn", "fe_conn(f)", "fe_conn(other)", "fe_id", "so_id", "fe_name", "srv_weight(b/one)", "srv_uweight(b/one)", "srv_iweight(b/one)",
    "srv_weight(b/two)", "srv_iweight(b/two)", "srv_weight(b/off)", "srv_uweight(b/off)", "srv_iweight(b/off)", "fe_req_rate(other)", "fe_sess_rate(other)",
    "be_sess_rate(none)", "srv_sess_rate(b/two)",
]  # fmt: skip
ANSWERED = ["be_id", "srv_id", "bc_http_major", "bc_err", "bc_err_str", "bc_dst", "bc_src", "ssl_bc", "ssl_bc_protocol", "ssl_bc_cipher", "res.ver"]


def lines(samples: list[str]) -> str:
    return "".join(f"    http-response set-header X-{number} <%[{sample}]>\n" for number, sample in enumerate(samples))


TEXT = LOGGED + f"""    http-reuse never
frontend f
    bind "127.0.0.1:${{HTTP}}"
    http-request return status 200 content-type text/plain lf-string "{' '.join(f'{name}=%[{name}]' for name in ASKED)}" if {{ path /state }}
    http-request return status 200 content-type text/plain lf-string "%[fe_req_rate] %[fe_sess_rate(f)] %[be_sess_rate(b)] %[srv_sess_rate(b/one)]" if {{ path /rates }}
    http-request return status 200 content-type text/plain lf-string "%[date] %[date(0,ms)] %[date(1000,ms)] %[date(0,us)]" if {{ path /dates }}
    http-request return status 200 content-type text/plain lf-string "%[fc_rtt(us)] %[fc_rtt] %[fc_rttvar(us)] %[fc_lost] %[fc_retrans] %[fc_reordering] %[fc_unacked] %[fc_sacked] %[fc_fackets]" if {{ path /tcp }}
    default_backend b
frontend other
    bind "127.0.0.1:${{OTHER}}"
    id 77
    default_backend b
backend none
backend b
    id 33
    http-response set-header X-Port <%[bc_dst_port]>
    http-response set-header X-Own-Port <%[bc_src_port]>
{lines(ANSWERED)}    server one "127.0.0.1:${{A}}" weight 7 id 9
    server two 127.0.0.1:1 weight 30 backup
    server off 127.0.0.1:1 weight 5 disabled
"""


def quiet(body: bytes) -> bytes | None:
    return body if b" fe_conn(f)=1 " in body else None


@pytest.fixture
def pair(twins):
    return twins(TEXT, ports=["HTTP", "OTHER"], servers={"A": echo})


def test_state_at_the_moment(pair):
    def script(side):
        with side.client() as client:
            # Until connections that are gone are forgotten.
            return wait_until(lambda: quiet(client.request("/state").body), f"{side.name} is quiet", 20)

    pair.agree(script)


def test_what_is_known_when_there_is_an_answer(pair):
    def script(side):
        answer = side.exchange("/x")
        found = {name.lower(): value for name, value in answer.fields if name.lower().startswith("x-")}
        own = found.pop("x-own-port")
        assert found.pop("x-port") == f"<{side.backends['A'].port}>" and re.fullmatch(r"<[1-9]\d+>", own)
        return found

    pair.agree(script)


def test_rates_count_what_there_was(pair):
    for side in pair.sides:
        sent = 0

        def burst() -> list[int] | None:
            nonlocal sent
            with side.client() as client:
                for _ in range(20):
                    client.request("/x")
                rates = [int(number) for number in client.request("/rates").body.split()]
            sent += 21
            # Whoever is held up for a second between two of these begins anew.
            return rates if all(rates) else None

        rates = wait_until(burst, f"{side.name} has counted what was just now", 30)
        assert all(rate <= sent for rate in rates) and rates[1] <= sent // 21, (side.name, rates)
        # They are over some time later.
        wait_until(lambda: [int(n) for n in side.get("/rates").body.split()][2:] == [0, 0], f"{side.name} is quiet", 20)


def test_moments_in_units(pair):
    for side in pair.sides:
        before = time.time()
        seconds, milliseconds, later, microseconds = (int(number) for number in side.get("/dates").body.split())
        after = time.time()
        assert int(before) - 1 <= seconds <= after and (before - 1) * 1e3 <= milliseconds <= after * 1e3 + 1
        assert later - milliseconds == 1000 and (before - 1) * 1e6 <= microseconds <= after * 1e6 + 1e3


def test_tcp_of_clients(pair):
    for side in pair.sides:
        rtt, milliseconds, variation, *counts = (int(number) for number in side.get("/tcp").body.split())
        assert 0 < rtt < 60_000_000 and milliseconds == (rtt + 500) // 1000 and variation > 0 and len(counts) == 6


def raw(side, text: bytes, port: str = "HTTP"):
    with side.client(port) as client:
        client.send(text)
        return client.response().body


@pytest.mark.parametrize("sample", ["url_ip", "url_port"])
def test_targets_that_are_whole(twins, sample):
    rule = f'http-request return status 200 content-type text/plain lf-string "<%[{sample}]>"'
    pair = twins(f'{LOGGED}frontend f\n    bind "127.0.0.1:${{HTTP}}"\n    {rule}\n')
    targets = [("http://192.0.2.1:81/x", "192.0.2.1:81"), ("http://192.0.2.1/", "192.0.2.1"), ("/x", "a")]
    pair.agree(lambda side: [raw(side, f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) for target, host in targets])


@pytest.mark.parametrize("sample", ["req.hdrs", "req.hdrs_bin,hex"])
def test_requests_as_a_whole(twins, sample):
    rule = f'http-request return status 200 content-type text/plain lf-string "%[{sample}]"'
    change = "http-request set-header X-New 1\n    http-request del-header X-Gone"
    pair = twins(f'{LOGGED}frontend f\n    bind "127.0.0.1:${{HTTP}}"\n    {change}\n    {rule}\n')
    head = b"GET /x HTTP/1.1\r\nHost: a.test\r\nX-A:  one \r\nx-a: two\r\nX-Gone: 1\r\nX-Long: %s\r\nAccept: */*\r\n\r\n" % (b"y" * 300)
    pair.agree(lambda side: sorted(raw(side, head).split(b"\r\n")))


def plain(session, request) -> None:
    session.answer(headers="X-B: 1\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nX-b:\r\n", body=b"x")


@pytest.mark.parametrize("sample", ["res.hdrs,hex", "res.hdrs_bin,hex", "res.hdr_names", "res.hdr_names(|)", "res.ver"])
def test_answers_as_a_whole(twins, sample):
    frontend = f'frontend f\n    bind "127.0.0.1:${{HTTP}}"\n    http-response set-header X-Seen <%[{sample}]>\n    default_backend b\n'
    pair = twins(f'{LOGGED}{frontend}backend b\n    server s "127.0.0.1:${{A}}"\n', servers={"A": plain})
    pair.agree(lambda side: [value for name, value in side.exchange("/").fields if name.lower() == "x-seen"])


LATER = [
    "req.timer.tq", "req.timer.queue", "bc.timer.connect", "res.timer.hdr", "res.timer.data", "txn.timer.total", "fc.timer.total", "bytes_in",
    "bytes_out", "txn.sess_term_state", "txn.status", "bc_be_queue", "bc_srv_queue", "quic_enabled", "req.timer.idle", "fc.timer.handshake",
    "pid", "act_conn",
]  # fmt: skip


def test_later_samples_in_lines_of_the_log(tmp_path):
    """Those that HAProxy has since 2.7 and later: they are what variables of the log say."""
    config = tmp_path / "later.cfg"
    asked = " ".join(f"{name}=%[{name}]" for name in LATER)
    backend, port = Backend(echo), free_port()
    config.write_text(
        f'{LOGGED}frontend f\n    bind 127.0.0.1:{port}\n    log-format "said %Tq %Tw %Tc %Tr %U %B %ts %ST %bq %sq {asked}"\n    default_backend b\n'
        f"backend b\n    http-response set-header X-Reused %[bc_reused]\n    server s 127.0.0.1:{backend.port}\n"
    )
    log = tmp_path / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", str(binary()), "proxy", "-f", str(config)], stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    try:
        wait_until(lambda: listens(port), "it listens", 20)
        with Client(port) as client:
            reused = [{n.lower(): v for n, v in client.request("/x").fields}.get("x-reused") for _ in range(2)]
        said = wait_until(lambda: [line for line in log.read_text().splitlines() if line.startswith("said ")][1:], "two lines are there")[0].split()
        pid = process.pid
    finally:
        process.kill()
        process.wait(10)
        backend.close()
    assert reused == ["0", "1"]
    found = dict(word.split("=", 1) for word in said[11:])
    names = ["req.timer.tq", "req.timer.queue", "bc.timer.connect", "res.timer.hdr", "bytes_in", "bytes_out", "txn.sess_term_state", "txn.status", "bc_be_queue", "bc_srv_queue"]
    assert [found[name] for name in names] == said[1:11]
    assert int(found["pid"]) == pid and found["act_conn"] == "1"
    assert found["txn.status"] == "200" and found["txn.sess_term_state"] == "--" and found["quic_enabled"] == "0"
    assert all(int(found[name]) >= 0 for name in LATER if ".timer." in name)


def test_names_of_frontends_are_looked_up(tmp_path):
    head = "defaults\n    mode http\n    timeout client 1s\n    timeout connect 1s\n    timeout server 1s\n"
    for sample in ("fe_conn", "fe_conn(f)", "fe_conn(late)", "fe_conn(nobody)", "fe_req_rate(b)", "fe_sess_rate(late)", "be_sess_rate(f)", "srv_weight(b/x)"):
        text = f"{head}frontend f\n    bind 127.0.0.1:1\n    http-request deny if {{ {sample} gt 1 }}\nfrontend late\n    bind 127.0.0.1:2\nbackend b\n    server s 127.0.0.1:3\n"
        found = verdicts(tmp_path, text)
        assert found["sluice"][0] == found["haproxy"][0], (sample, found)


def test_hashes_of_texts_of_any_length(twins):
    rule = 'http-request return status 200 content-type text/plain lf-string "%[req.hdr(x-a),xxh3] %[req.hdr(x-a),xxh3(7)]"'
    pair = twins(f'{LOGGED}frontend f\n    bind "127.0.0.1:${{HTTP}}"\n    {rule}\n')
    pair.agree(lambda side: [side.get("/", headers=[("X-A", "ab-" * count)]).body for count in (1, 3, 6, 20, 50, 90, 400)])


def test_languages_that_clients_like(twins):
    rule = 'http-request return status 200 content-type text/plain lf-string "<%[req.fhdr(accept-language),language(es;fr;en-GB;en,none)]>"'
    pair = twins(f'{LOGGED}frontend f\n    bind "127.0.0.1:${{HTTP}}"\n    {rule}\n')
    wishes = [
        "fr;q=0.5, en;q=0.8, es", "fr;q=0.5, en;q=0.8", "de", "en-US, fr;q=0.9", "en-GB", "fr;q=0, de", "FR", "fr ; q = 0.3 , en;q=0.2",
        "french", "fr;q=0.001", "*", "de,fr-CH;q=0.7,en;q=0.6",
    ]  # fmt: skip
    pair.agree(lambda side: [side.get("/", headers=[("Accept-Language", wish)]).body for wish in wishes])


@pytest.fixture
def secure(tmp_path):
    """A server that speaks TLS 1.2 and answers with the path it is asked for."""
    pod = Authority("pods").issue("pod", ["pod.test"])
    (tmp_path / "pod.pem").write_bytes(pod.certificate + pod.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tmp_path / "pod.pem")
    started = SecureServer(context, lambda _: "here")
    started.server.RequestHandlerClass.protocol_version = "HTTP/1.1"
    yield started
    started.close()


def test_what_handshakes_with_servers_agreed_on(twins, secure):
    asked = ["ssl_bc", "ssl_bc_protocol", "ssl_bc_cipher", "ssl_bc_alg_keysize", "ssl_bc_use_keysize", "ssl_bc_alpn", "ssl_bc_is_resumed"]
    asked += ["ssl_s_s_dn(CN)", "ssl_s_serial,hex", "ssl_s_sha1,hex", "ssl_s_notafter", "bc_http_major"]
    frontend = f'frontend f\n    bind "127.0.0.1:${{HTTP}}"\n{lines(asked)}    default_backend b\n'
    server = f"backend b\n    server s 127.0.0.1:{secure.server.server_address[1]} ssl verify none no-ssl-reuse\n"
    pair = twins(LOGGED + frontend + server)

    def script(side):
        answer = side.exchange("/x")
        return answer.status, {name.lower(): value for name, value in answer.fields if name.lower().startswith("x-")}

    found = pair.agree(script)
    assert found[0] == 200 and found[1]["x-0"] == "<1>" and found[1]["x-7"] == "<pod>"
