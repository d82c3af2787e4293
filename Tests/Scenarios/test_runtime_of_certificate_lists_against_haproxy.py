"""Lists of certificates that are shown and changed at run time, as Debian's haproxy has it."""

from __future__ import annotations

import socket
import ssl

import pytest
from cryptography import x509
from harness.runtime import said
from harness.twins import HAPROXY, LOGGED, Twins
from harness.waiting import wait_everywhere
from simulator.pki import Authority

SITES = Authority("sites")
PAIRS = {name: SITES.issue(name, [f"{name}.test"]) for name in ["first", "second", "third"]}
TEXT = (
    """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats socket "${DIR}/operator.sock" level operator
    stats timeout 20s
"""
    + LOGGED
    + """frontend f
    bind "127.0.0.1:${HTTPS}" ssl crt-list "${DIR}/list"
    http-request return status 200
"""
)


@pytest.fixture
def pair(twins_folder):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    # Paths in a list are not expanded: both read the same files.
    for name, pair in PAIRS.items():
        (twins_folder / f"{name}.pem").write_bytes(pair.certificate + pair.key)
    text = f"# none\n{twins_folder}/first.pem\n\n{twins_folder}/second.pem  second.test *.second.test\n"
    twins = Twins(twins_folder, TEXT, ports=["HTTPS"], files={"list": text})
    yield twins
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


def told(side, line: str, name: str = "admin") -> str:
    folder = str(side.path.parent.parent)
    return said(side, line.replace("HERE", folder) + "\n", name).replace(folder, "HERE").rstrip()


def served(side, name: str, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> str:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.maximum_version = newest
    with socket.create_connection(("127.0.0.1", side.ports["HTTPS"]), 20) as plain:
        with made.wrap_socket(plain, server_hostname=name) as client:
            certificate = client.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()


def payload(text: bytes) -> str:
    return "<<\n" + text.decode().replace("\n\n", "\n").rstrip("\n") + "\n"


def test_lists_are_shown(pair):
    lines = ["show ssl crt-list", "show ssl crt-list DIR/list", "show ssl crt-list -n DIR/list", "show ssl crt-list DIR/none"]
    pair.agree(lambda side: [told(side, line) for line in lines])
    pair.agree(lambda side: told(side, "add ssl crt-list DIR/list HERE/third.pem", "operator").splitlines()[0])


def test_lines_are_added_and_deleted(pair):
    third = PAIRS["third"].certificate + PAIRS["third"].key

    def script(side):
        list_, cert = "DIR/list", "HERE/third.pem"
        found = [
            told(side, line)
            for line in [
                "add ssl crt-list", f"add ssl crt-list {list_}", f"add ssl crt-list DIR/none {cert}", f"add ssl crt-list {list_} {cert}",
                f"new ssl cert {cert}", f"add ssl crt-list {list_} {cert}", f"set ssl cert {cert} {payload(third)}",
            ]
        ]  # fmt: skip
        found.append(told(side, f"commit ssl cert {cert}").replace(".\n", "\n"))
        assert "first" in served(side, "third.test")
        found.append(told(side, f"add ssl crt-list {list_} {cert}"))
        wait_everywhere(lambda: "third" in served(side, "third.test"), f"{side.name} serves it by its own name")
        found.append(told(side, f"add ssl crt-list {list_} <<\n{cert} other.test *.other.test\n"))
        wait_everywhere(lambda: "third" in served(side, "a.other.test"), f"{side.name} serves it by names of the line")
        found += [
            told(side, line)
            for line in [
                f"show ssl crt-list -n {list_}", "del ssl crt-list", f"del ssl crt-list DIR/none {cert}", f"del ssl crt-list {list_} nope",
                f"del ssl crt-list {list_} {cert}", f"del ssl crt-list {list_} {cert}:5",
            ]
        ]  # fmt: skip
        wait_everywhere(lambda: "first" in served(side, "third.test"), f"{side.name} serves it by its own name no more")
        assert "third" in served(side, "other.test")
        found += [told(side, f"del ssl cert {cert}").rstrip(), told(side, f"del ssl crt-list {list_} {cert}")]
        wait_everywhere(lambda: "first" in served(side, "other.test"), f"{side.name} serves it no more")
        found += [told(side, line) for line in [f"del ssl cert {cert}", f"del ssl crt-list {list_} HERE/second.pem"]]
        wait_everywhere(lambda: "first" in served(side, "second.test"), f"{side.name} serves the file's no more")
        found += [told(side, f"show ssl crt-list -n {list_}")]
        assert "used as default certificate" in told(side, f"del ssl crt-list {list_} HERE/first.pem")
        return found

    pair.agree(script)


def test_reading_the_file_again_has_its_lines(pair):
    side = pair.sluice
    before = told(side, "show ssl crt-list -n DIR/list")
    told(side, "del ssl crt-list DIR/list HERE/second.pem")
    wait_everywhere(lambda: "first" in served(side, "second.test"), "it is gone")
    assert told(side, "show ssl crt-list -n DIR/list") != before
    side.process.send_signal(1)
    wait_everywhere(lambda: "second" in served(side, "second.test"), "it is back")
    assert told(side, "show ssl crt-list -n DIR/list") == before


def takes_1_2(side, name: str) -> bool:
    try:
        return served(side, name, ssl.TLSVersion.TLSv1_2) != ""
    except (ssl.SSLError, ConnectionResetError):
        return False


LINE = "HERE/second.pem [ssl-min-ver TLSv1.3] shop.test *.shop.test !old.shop.test"


def test_lines_have_options_and_exceptions(pair):
    def script(side):
        found = [
            told(side, f"add ssl crt-list DIR/list <<\n{line}\n").splitlines()[0].split(": ")[0]
            for line in ["HERE/second.pem [colour blue] x.test", "HERE/nope.pem [alpn h2] x.test"]
        ]
        found.append(told(side, f"add ssl crt-list DIR/list <<\n{LINE}\n"))
        wait_everywhere(lambda: "second" in served(side, "a.shop.test") and not takes_1_2(side, "a.shop.test"), f"{side.name} serves it as the line says")
        found.append([served(side, name) for name in ["shop.test", "old.shop.test", "second.test"]])
        found.append([takes_1_2(side, name) for name in ["shop.test", "old.shop.test", "second.test"]])
        found.append(told(side, "show ssl crt-list -n DIR/list"))
        line = found[-1].splitlines()[-1].split(" ")[0]
        found.append(told(side, f"del ssl crt-list DIR/list {line}"))
        wait_everywhere(lambda: "first" in served(side, "a.shop.test") and takes_1_2(side, "a.shop.test"), f"{side.name} has forgotten the line")
        return found

    found = pair.agree(script)
    assert found[3:5] == [["CN=second", "CN=first", "CN=second"], [False, True, True]]


def test_reading_the_file_again_forgets_what_lines_have_said(pair):
    side = pair.sluice
    told(side, f"add ssl crt-list DIR/list <<\n{LINE.replace('shop', 'first')}\n")
    wait_everywhere(lambda: not takes_1_2(side, "a.first.test"), "the line holds")
    side.process.send_signal(1)
    wait_everywhere(lambda: takes_1_2(side, "a.first.test") and takes_1_2(side, "first.test"), "the file holds")
