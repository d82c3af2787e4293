"""Behaviour of annotations that bound what clients send, corner by corner. Tests are named after them."""

from __future__ import annotations

import pytest

from harness.behaviour import ANN, BASIC, Ask, Beside, Place, row, table

pytestmark = pytest.mark.sanitizer

KILO = 1_024


def sends(corner: str, limit: str, size: int, status: int, **expected):
    return row("proxy-body-size", corner, {"proxy-body-size": limit}, Ask("/", "POST", body=b"x" * size), status=status,
               asked="/" if status == 200 else None, **expected)  # fmt: skip


RPM = {"limit-rpm": "1"}
TWICE = {"limit-rpm": "1", "limit-burst-multiplier": "1"}
ONE = {"limit-rpm": "1", "limit-burst-multiplier": "2"}

# What is asked several times: name, annotations, place, request, statuses in order.
SEQUENCES = [
    ("limit-rpm", "a burst of five times the limit", RPM, Place(), Ask(), [200] * 6 + [503] * 2),
    ("limit-rpm", "a burst grows with the limit", {"limit-rpm": "2"}, Place(), Ask(), [200] * 11 + [503] * 2),
    ("limit-rpm", "zero is no limit", {"limit-rpm": "0"}, Place(), Ask(), [200] * 10),
    ("limit-rpm", "who may not come in is counted", {**TWICE, **BASIC}, Place(), Ask(), [401, 401, 503, 503]),
    ("limit-rpm", "comes before lists", {**TWICE, "denylist-source-range": "127.0.0.1"}, Place(), Ask(), [403, 403, 503]),
    ("limit-rpm", "what goes to HTTPS is not counted", TWICE, Place(tls="cert"), Ask(), [308] * 6),
    ("limit-rpm", "redirects are not counted", {**TWICE, "permanent-redirect": "/x"}, Place(), Ask(), [301] * 6),
    ("limit-rpm", "preflights are not counted", {**TWICE, "enable-cors": "true"}, Place(), Ask("/", "OPTIONS"), [204] * 6),
    ("limit-rpm", "a forwarded address makes no new client", TWICE, Place(),
     Ask(fields=(("X-Forwarded-For", "192.0.2.7"),)), [200, 200, 503]),
    ("limit-rpm", "streams are counted", TWICE, Place(), Ask(over="h2"), [200, 200, 503]),
    ("limit-burst-multiplier", "one", TWICE, Place(), Ask(), [200, 200, 503]),
    ("limit-burst-multiplier", "two", ONE, Place(), Ask(), [200, 200, 200, 503]),
    ("limit-burst-multiplier", "without a limit it is nothing", {"limit-burst-multiplier": "1"}, Place(), Ask(), [200] * 5),
    ("limit-rps", "both limits must be kept", {**TWICE, "limit-rps": "1000"}, Place(), Ask(), [200, 200, 503]),
    ("limit-rps", "zero is no limit", {"limit-rps": "0", **TWICE}, Place(), Ask(), [200, 200, 503]),
    ("limit-whitelist", "the listed are not limited", {**TWICE, "limit-whitelist": "127.0.0.1"}, Place(), Ask(), [200] * 6),
    ("limit-allowlist", "the listed are not limited", {**TWICE, "limit-allowlist": "192.0.2.0/24,127.0.0.0/8"}, Place(),
     Ask(), [200] * 6),
    ("limit-allowlist", "others are", {**TWICE, "limit-allowlist": "192.0.2.0/24"}, Place(), Ask(), [200, 200, 503]),
    ("limit-allowlist", "nothing but limits is lifted", {**TWICE, **BASIC, "limit-allowlist": "127.0.0.0/8"}, Place(), Ask(),
     [401] * 6),
]  # fmt: skip

ROWS = [
    # proxy-body-size
    sends("as much as is allowed", "1000", 1_000, 200),
    sends("a byte more", "1000", 1_001, 413),
    sends("k", "1k", KILO, 200),
    sends("k, a byte more", "1k", KILO + 1, 413),
    sends("K", "1K", KILO + 1, 413),
    sends("m", "1m", KILO * KILO, 200),
    sends("m, a byte more", "1m", KILO * KILO + 1, 413),
    sends("M", "1M", KILO * KILO + 1, 413),
    sends("g", "1g", 100_000, 200),
    sends("G", "1G", 100_000, 200),
    sends("0 is no limit", "0", 3_000_000, 200),
    sends("what is no size is the default", "15r", 10_000, 200),
    sends("negative is the default", "-1", 10_000, 200),
    sends("blanks around it", " 10 ", 11, 413),
    sends("no body", "1", 0, 200),
    row("proxy-body-size", "independent of buffering", {"proxy-body-size": "10", "proxy-request-buffering": "off"},
        Ask("/", "POST", body=b"x" * 11), status=413, asked=None),
    row("proxy-body-size", "belongs to its path", {"proxy-body-size": "10"}, Ask("/b", "POST", body=b"x" * 100),
        Place(("/a",), beside=(Beside("/b"),)), body=b"other"),
    row("proxy-body-size", "a password comes first or not, the body stays outside", {"proxy-body-size": "10", **BASIC},
        Ask("/", "POST", fields=(ANN,), body=b"x" * 11), status=413, asked=False),
    row("proxy-body-size", "streams too", {"proxy-body-size": "10"}, Ask("/", "POST", body=b"x" * 11, over="h2"), status=413),
    row("proxy-body-size", "streams that keep it", {"proxy-body-size": "10"}, Ask("/", "POST", body=b"x" * 10, over="h2"),
        asked="/"),
    # client-body-buffer-size
    *[
        row("client-body-buffer-size", f"{value} changes nothing", {"client-body-buffer-size": value},
            Ask("/", "POST", body=b"x" * 50_000), asked="/")
        for value in ("8k", "1m", "1b", "1g", "x")
    ],
    # values
    row("limit-rpm", "what is no number drops the Ingress", {"limit-rpm": "many"}, status=404),
    row("limit-rps", "a negative number drops the Ingress", {"limit-rps": "-1"}, status=404),
    row("limit-rps", "a fraction drops the Ingress", {"limit-rps": "0.5"}, status=404),
    row("limit-connections", "what is no number drops the Ingress", {"limit-connections": "5x"}, status=404),
    row("limit-burst-multiplier", "what is no number drops the Ingress", {**RPM, "limit-burst-multiplier": "x"}, status=404),
    row("limit-whitelist", "what is no network drops the Ingress", {**RPM, "limit-whitelist": "somebody"}, status=404),
    row("limit-connections", "one by one is never too many", {"limit-connections": "1"}, asked="/"),
    row("limit-rpm", "two paths of an Ingress", {**TWICE}, "/a", Place(("/a", "/b")), asked="/a"),
    row("limit-rpm", "two Ingresses of a host", {**TWICE}, "/a", Place(("/a",), beside=(Beside("/b"),)), asked="/a"),
    row("limit-rps", "a second's worth at once", {"limit-rps": "1"}, asked="/"),
    *[
        row(name, f"sequence: {corner}", says, ask, place, status=expected[0])
        for name, corner, says, place, ask, expected in SEQUENCES
    ],
]  # fmt: skip

behaviour = table(ROWS)
NUMBERS = {param.values[0].name: number for number, param in enumerate(ROWS)}
SINGLE = [param for param in ROWS if ": sequence: " not in param.values[0].name]


@pytest.mark.parametrize("each", SINGLE)
def test_behaviour(behaviour, each):
    behaviour.check(each)


@pytest.mark.parametrize(
    "name, corner, ask, expected",
    [pytest.param(name, corner, ask, expected, id=f"{name}: {corner}") for name, corner, _, _, ask, expected in SEQUENCES],
)
def test_behaviour_one_after_the_other(behaviour, name, corner, ask, expected):
    behaviour.forget()
    number = NUMBERS[f"{name}: sequence: {corner}"]
    assert [behaviour.send(number, ask).status for _ in expected] == expected


def test_limit_rpm_is_shared_by_the_paths_of_an_ingress(behaviour):
    number = NUMBERS["limit-rpm: two paths of an Ingress"]
    statuses = [behaviour.send(number, Ask(path)).status for path in ("/a", "/b", "/a", "/b", "/a")]
    # One of them went there in the table, perhaps.
    assert statuses[2:] == [503] * 3


def test_limit_rpm_is_not_shared_by_ingresses(behaviour):
    number = NUMBERS["limit-rpm: two Ingresses of a host"]
    assert {behaviour.send(number, Ask("/b")).status for _ in range(6)} == {200}
    assert [behaviour.send(number, Ask("/a")).status for _ in range(4)][2:] == [503] * 2


def test_limit_rps_lets_a_burst_in_and_no_more(behaviour):
    number = NUMBERS["limit-rps: a second's worth at once"]
    # Six at once; while they are asked a second may pass, but not for each of sixty.
    statuses = [behaviour.send(number, Ask()).status for _ in range(60)]
    assert statuses[:4] == [200] * 4
    assert 503 in statuses and set(statuses) == {200, 503}
