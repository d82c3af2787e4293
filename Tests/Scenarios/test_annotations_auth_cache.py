"""Kept answers of external authentication, over real sockets: tests are named after their annotations.

One worker, because each keeps its own.
"""

from __future__ import annotations

import base64

import pytest

from harness.backend import Backend, Session
from harness.http2 import Http2
from harness.messages import Request
from harness.site import Site, dev_service, shared_site
from harness.waiting import steady, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
AUTH = "http://auth.default.svc.cluster.local/ok"
KEY = {"auth-url": AUTH, "auth-cache-key": "$cookie_session"}
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "none": {"auth-url": AUTH},
    "kept": {**KEY, "auth-response-headers": "X-User, X-Missing"},
    "other": KEY,
    "codes": {**KEY, "auth-cache-duration": "200 202 5m, 403 10m, 401 0"},
    "short": {**KEY, "auth-cache-duration": "200 10ms"},
    "broken": {**KEY, "auth-cache-duration": "5m 200"},
    "bad-key": {**KEY, "auth-cache-key": "$nothing"},
    "user": {"auth-url": AUTH, "auth-cache-key": "$remote_user$http_authorization"},
    "signin": {**KEY, "auth-signin": "https://login.test/"},
    "paths": KEY,
}  # fmt: skip


def answers(session: Session, request: Request) -> None:
    """Says what the client's fields want, and who it is by its cookie."""
    user = (request.get("cookie") or "").removeprefix("session=")
    extra = request.get("x-answer") or ""
    session.answer(int(request.get("x-want") or 200), headers=f'X-User: {user}\r\nWWW-Authenticate: Bearer realm="{user}"\r\n' + (extra + "\r\n" if extra else ""))


class Kept(Site):
    """A site, and who is asked about it."""

    def __init__(self, directory) -> None:
        self.asked = Backend(answers)
        super().__init__(
            directory, *map(self._ingress, INGRESSES), objects.ingress("paths-b", "paths.test", "web", path="/b", annotations=self._keys("paths")),
            arguments=("--workers", "1"),
        )  # fmt: skip
        self.folder.put(dev_service("web", self.backend), dev_service("auth", self.asked))
        self.sluice.wait_ready()

    @staticmethod
    def _keys(name: str) -> dict[str, str]:
        return {NGINX + key: value for key, value in INGRESSES[name].items()}

    def _ingress(self, name: str) -> dict:
        return objects.ingress(name, f"{name}.test", "web", annotations=self._keys(name))

    def ask(self, host: str, session: str | None, want: int | None = None, answer: str = "", path: str = "/", headers=()):
        """A request of a session, and what is to be said about it if anybody is asked."""
        given = [*headers]
        given += [("Cookie", f"session={session}")] if session is not None else []
        given += [("X-Want", str(want))] if want else []
        given += [("X-Answer", answer)] if answer else []
        return self.get(path, host=f"{host}.test", headers=given)

    def forget(self) -> None:
        for backend in (self.backend, self.asked):
            backend.forget()
        self.asked.handler = answers

    def close(self) -> None:
        super().close()
        self.asked.close()


shared, site = shared_site(Kept, "auth-cache")


def test_without_auth_cache_key_nothing_is_kept(site):
    assert [site.ask("none", "a").status for _ in range(3)] == [200] * 3
    assert len(site.asked.requests) == 3


def test_auth_cache_key(site):
    assert [site.ask("kept", "key-a").status for _ in range(3)] == [200] * 3
    assert len(site.asked.requests) == 1
    assert site.ask("kept", "key-b").status == 200
    assert len(site.asked.requests) == 2
    assert [request.get("x-user") for request in site.backend.requests] == ["key-a"] * 3 + ["key-b"]


def test_auth_cache_key_never_mixes_users(site):
    """What the server is told of a user comes from the answer about that user, kept or not; the client's own is never passed on."""
    for _ in range(2):
        for user in ("mix-a", "mix-b", "mix-c"):
            lies = [("X-User", "root"), ("X-Missing", "root")]
            assert site.ask("kept", user, headers=lies).status == 200
            seen = site.backend.requests[-1]
            assert ([value for name, value in seen.fields if name.lower() == "x-user"], seen.get("x-missing")) == ([user], None)
    assert len(site.asked.requests) == 3


def test_auth_cache_key_is_of_a_host_and_a_path(site):
    for host in ("kept", "other"):
        assert site.ask(host, "same").status == 200
    assert len(site.asked.requests) == 2
    for path in ("/", "/b", "/", "/b"):
        assert site.ask("paths", "same", path=path).status == 200
    assert len(site.asked.requests) == 4


def test_auth_cache_key_that_comes_out_empty(site):
    assert [site.ask("other", None, 401).status for _ in range(2)] == [401] * 2
    assert len(site.asked.requests) == 1
    assert site.ask("other", "somebody").status == 200


def test_auth_cache_key_with_remote_user(site):
    def basic(text: str) -> list[tuple[str, str]]:
        return [("Authorization", f"Basic {base64.b64encode(text.encode()).decode()}")]

    for who, count in (("ann:a", 1), ("ann:a", 1), ("ann:b", 2), ("bob:a", 3), ("bob:a", 3)):
        assert site.ask("user", None, headers=basic(who)).status == 200
        assert len(site.asked.requests) == count


def test_auth_cache_key_with_an_unknown_variable_keeps_nothing(site):
    assert [site.ask("bad-key", "a").status for _ in range(2)] == [200] * 2
    assert len(site.asked.requests) == 2
    site.sluice.wait_log("default/bad-key .*auth-cache-key.*it is ignored")


def test_a_kept_refusal(site):
    first, second = [site.ask("kept", "refused", 401) for _ in range(2)]
    assert (first.status, first.get("www-authenticate")) == (401, 'Bearer realm="refused"')
    assert (second.status, second.get("www-authenticate"), second.body) == (401, 'Bearer realm="refused"', first.body)
    assert len(site.asked.requests) == 1 and not site.backend.requests
    # Now it would be allowed; nobody asks.
    assert site.ask("kept", "refused", 200).status == 401


def test_a_kept_refusal_with_auth_signin(site):
    for _ in range(2):
        answer = site.ask("signin", "gone", 401, path="/x")
        assert (answer.status, answer.get("location")) == (302, "https://login.test/?rd=http://signin.test%2Fx")
    assert len(site.asked.requests) == 1


@pytest.mark.parametrize(
    "status, asked", [(200, 1), (202, 1), (403, 1), (201, 2), (401, 2), (404, 2), (500, 2)],
)  # fmt: skip
def test_auth_cache_duration(site, status, asked):
    expected = 200 if status < 300 else status if status in (401, 403) else 500
    assert [site.ask("codes", f"s{status}", status).status for _ in range(2)] == [expected] * 2
    assert len(site.asked.requests) == asked


@pytest.mark.parametrize("status, asked", [(200, 1), (202, 1), (401, 1), (403, 2), (204, 2)])
def test_auth_cache_duration_by_default(site, status, asked):
    for _ in range(2):
        site.ask("other", f"d{status}", status)
    assert len(site.asked.requests) == asked


def test_auth_cache_duration_ends(site):
    assert site.ask("short", "a").status == 200
    wait_until(lambda: site.ask("short", "a", 403).status == 403, "it is asked about again")


def test_auth_cache_duration_that_is_none_closes_the_paths(site):
    assert site.ask("broken", "a").status == 503
    assert not site.asked.requests


@pytest.mark.parametrize(
    "field, asked",
    [
        ("Set-Cookie: own=1", 2), ("Vary: Accept", 2), ("Cache-Control: no-store", 2), ("Cache-Control: private, max-age=60", 2),
        ("Cache-Control: max-age=0", 2), ("Expires: Thu, 01 Jan 1970 00:00:01 GMT", 2), ("Cache-Control: max-age=60", 1),
        ("X-Other: 1", 1),
    ],
)  # fmt: skip
def test_answers_that_forbid_it_are_not_kept(site, field, asked):
    answers = [site.ask("other", "f" + "".join(filter(str.isalnum, field)), answer=field) for _ in range(2)]
    assert [answer.status for answer in answers] == [200] * 2
    assert len(site.asked.requests) == asked
    cookies = [[value for name, value in answer.fields if name.lower() == "set-cookie"] for answer in answers]
    assert cookies == ([["own=1"]] * 2 if field.startswith("Set-Cookie") else [[], []])


def test_a_kept_answer_holds_while_nobody_answers(site):
    assert site.ask("kept", "alone").status == 200
    site.asked.handler = lambda session, request: session.close()
    assert site.ask("kept", "alone").status == 200
    assert site.ask("kept", "new").status == 500


def test_kept_answers_over_http2(site):
    with Http2(site.port) as client:
        for session, count in (("h2-a", 1), ("h2-a", 1), ("h2-b", 2)):
            assert client.request(host="kept.test", headers=[("cookie", f"session={session}")]).status == 200
            assert len(site.asked.requests) == count
    assert [request.get("x-user") for request in site.backend.requests] == ["h2-a", "h2-a", "h2-b"]


def test_a_change_of_the_question_starts_anew(site):
    assert site.ask("other", "changed").status == 200
    keys = {**Kept._keys("other"), NGINX + "auth-url": f"{AUTH}/stricter"}
    site.folder.put(objects.ingress("other", "other.test", "web", annotations=keys))
    wait_until(lambda: site.ask("other", "changed", 403).status == 403, "the new question is asked")
    site.folder.put(objects.ingress("other", "other.test", "web", annotations=Kept._keys("other")))
    wait_until(lambda: site.ask("other", "changed", 403).status == 200, "the old one has been answered already")


def test_kept_verdicts_are_counted(site):
    def counted(outcome: str) -> float:
        return site.sluice.metric(rf'sluice_authorizations_total\{{outcome="{outcome}"\}}')

    before = steady(lambda: {outcome: counted(outcome) for outcome in ("allowed", "refused")})
    for _ in range(2):
        site.ask("kept", "count-a")
        site.ask("kept", "count-b", 401)
    wait_until(lambda: all(counted(outcome) - before[outcome] == 2 for outcome in before), "the counts")
    assert len(site.asked.requests) == 2
