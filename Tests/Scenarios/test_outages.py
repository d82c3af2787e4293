"""The API server away, slow, refusing, or talking nonsense: what is served stays served, and it heals by itself."""

from __future__ import annotations

import time

import pytest

from harness.client import Client
from harness.cluster import USUAL_KINDS, ask, requests_for, serves, the_slice, watched, web_objects
from harness.waiting import holds_for, steady, wait_everywhere, wait_until
from simulator import objects

HEALING = 30.0  # seconds: a back-off of a few tries is at most some seconds here


@pytest.fixture
def served(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()))
    sluice = sluice_controller(api)
    wait_until(lambda: serves(sluice), "a.test is served")
    wait_until(lambda: watched(api) >= set(USUAL_KINDS), "every kind is watched")
    return api, sluice


def stays_up(sluice, seconds: float) -> bool:
    """Serves and is ready all the time, on one connection."""
    with Client(sluice.http) as client:
        return holds_for(lambda: client.request().status == 200 and sluice.is_ready, seconds)


def heals(api, sluice, host: str = "healed.test") -> None:
    api.apply(objects.ingress("healed", host, "web"))
    wait_until(lambda: serves(sluice, host), "changes arrive again", HEALING)


def test_away_and_back(served):
    api, sluice = served
    api.stop()
    assert stays_up(sluice, 2)
    api.start()
    heals(api, sluice)


def test_what_was_deleted_while_it_was_away_is_gone(served, backend):
    api, sluice = served
    doomed = [objects.ingress(f"doomed-{i}", f"doomed{i}.test", "web") for i in range(5)]
    api.apply(*doomed)
    wait_everywhere(lambda: serves(sluice, "doomed4.test"), "they are served")
    api.stop()
    api.delete(*doomed)
    assert serves(sluice, "doomed4.test"), "the last state stays"
    api.start()
    wait_everywhere(lambda: ask(sluice, "doomed4.test").status == 404, "they are gone", HEALING)
    assert {ask(sluice, f"doomed{i}.test").status for i in range(5)} == {404}


def test_what_was_deleted_and_forgotten_while_it_was_away_is_gone(served):
    """The history is compacted too: only the difference of two lists tells."""
    api, sluice = served
    doomed = objects.ingress("doomed", "doomed.test", "web")
    api.apply(doomed)
    wait_until(lambda: serves(sluice, "doomed.test"), "it is served")
    api.stop()
    api.delete(doomed)
    api.apply(objects.ingress("born", "born.test", "web"))
    api.compact()
    api.start()
    wait_until(lambda: serves(sluice, "born.test"), "the new one is served", HEALING)
    wait_until(lambda: ask(sluice, "doomed.test").status == 404, "the deleted one is gone", HEALING)
    assert serves(sluice)


def test_endpoints_missed_while_away_are_caught_up(served, backend):
    api, sluice = served
    second = backend(lambda session, request: session.answer(body=b"second"))
    api.stop()
    api.delete(the_slice(api))
    api.apply(objects.slice_of("web", [objects.endpoint("127.0.0.1", pod="web-1")], second.port))
    api.compact()
    api.start()
    wait_until(lambda: {ask(sluice).body for _ in range(4)} == {b"second"}, "the new endpoint serves alone", HEALING)


@pytest.mark.parametrize("code", [401, 403, 404, 410, 429, 500, 503, 504])
def test_answers_that_refuse_are_survived(served, code):
    api, sluice = served
    api.fault(kind="status", code=code, **({"retry_after": 1} if code == 429 else {}))
    api.end_watches()
    assert stays_up(sluice, 1.2)
    wait_until(lambda: sluice.metric("sluice_api_requests_total", code=str(code)) > 0, "it is counted")
    api.clear_faults()
    heals(api, sluice)


@pytest.mark.parametrize("kind", ["reset", "truncate", "garbage", "silence", "hang"])
def test_answers_that_break_are_survived(served, kind):
    api, sluice = served
    api.fault(kind=kind)
    api.end_watches()
    api.apply(objects.ingress("meanwhile", "meanwhile.test", "web"))
    assert stays_up(sluice, 1.2)
    api.clear_faults()
    api.drop()  # what hangs would hang until its own time-out
    heals(api, sluice)
    wait_until(lambda: serves(sluice, "meanwhile.test"), "nothing was missed", HEALING)


BREAKS = {
    "reset": {}, "truncate": {}, "garbage": {}, "duplicate": {}, "slow": {"delay": 0.0005},
    "error": {"code": 410, "reason": "Expired"}, "error 429": {"code": 429}, "error 500": {"code": 500},
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_open_watches_that_break_are_mended(served, name):
    api, sluice = served
    assert api.break_watches(kind=name.split(" ")[0], **BREAKS[name])["watches"] >= len(USUAL_KINDS)
    with Client(sluice.http) as client:
        api.apply(objects.ingress("healed", "healed.test", "web"))
        wait_until(lambda: client.request().status == 200 and serves(sluice, "healed.test"), "changes arrive", HEALING)
    assert sluice.is_ready
    api.delete(objects.ingress("healed", "healed.test", "web"))
    wait_until(lambda: ask(sluice, "healed.test").status == 404, "deletions arrive", HEALING)


def test_history_that_is_gone_means_a_fresh_list(served):
    api, sluice = served
    api.stop()
    api.apply(objects.ingress("during", "during.test", "web"))
    api.compact()
    api.start()
    wait_until(lambda: serves(sluice, "during.test"), "the list tells", HEALING)


def test_goaway_loses_nothing(served):
    api, sluice = served
    for i in range(3):
        api.goaway()
        api.apply(objects.ingress("moving", f"moving{i}.test", "web"))
        wait_until(lambda i=i: serves(sluice, f"moving{i}.test"), "changes arrive", HEALING)


def test_a_new_token_is_read_again(simulator, sluice_controller, backend):
    api = simulator("--auth", "token-file")
    api.apply(*web_objects(backend()))
    sluice = sluice_controller(api)
    api.rotate_token()
    api.drop()
    heals(api, sluice)


def test_slow_lines_only_make_it_slow(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()))
    api.fault(kind="slow", resource="ingresses", delay=0.0002, times=1)
    assert serves(sluice_controller(api))


# MARK: missing permission


@pytest.mark.parametrize(("resource", "kind"), [("secrets", "Secret"), ("ingressclasses", "IngressClass")])
def test_a_kind_that_may_not_be_read_is_named_and_costs_only_itself(
    simulator, sluice_controller, backend, resource, kind
):
    api = simulator()
    api.apply(*web_objects(backend()))
    api.apply(objects.ingress("legacy", "legacy.test", "web", class_name=None,
                              annotations={"kubernetes.io/ingress.class": "sluice"}))  # fmt: skip
    api.fault(kind="status", code=403, resource=resource)
    sluice = sluice_controller(api, ready=False)
    sluice.wait_log(rf"(error|warning).*({resource}|{kind})", 10)
    sluice.wait_ready(15)
    assert serves(sluice, "legacy.test")
    api.clear_faults()
    wait_until(lambda: serves(sluice), "permission given later is used", 35)


# MARK: manners


def test_retry_after_is_obeyed(served):
    api, sluice = served
    time.sleep(1.1)
    seen = len(api.requests())
    api.fault(kind="status", code=429, retry_after=3, resource="ingresses", times=1)
    api.end_watches(resource="ingresses")
    wait_until(lambda: len(requests_for(api, "ingresses", seen)) >= 2, "it asks again", HEALING)
    first, second = requests_for(api, "ingresses", seen)[:2]
    assert first["status"] == 429
    assert second["at"] - first["at"] >= 2.9e9
    assert second["verb"] == "watch", "429 is no reason for a fresh list"


def test_failures_are_not_answered_with_a_storm(served):
    """client-go: 0.8 s doubled to 30 s, jittered. Per kind at most 4 tries in 5 s."""
    api, sluice = served
    seen = len(api.requests())
    api.fault(kind="status", code=500)
    api.end_watches()
    assert stays_up(sluice, 5)
    for kind in USUAL_KINDS:
        assert 1 <= len(requests_for(api, kind, seen)) <= 5, kind


def test_a_watch_that_ends_at_once_is_not_a_storm(served):
    api, sluice = served
    seen = len(api.requests())
    api.fault(kind="truncate", after=0, verb="watch")
    api.fault(kind="status", code=503, verb="watchlist")
    api.end_watches()
    assert stays_up(sluice, 3)
    for kind in USUAL_KINDS:
        assert len(requests_for(api, kind, seen)) <= 8, kind


def test_an_outage_is_one_line_and_not_one_per_try(served):
    api, sluice = served
    before = len(sluice.log.splitlines())
    api.stop()
    wait_until(lambda: sluice.log.count("API server unreachable") >= len(USUAL_KINDS), "the outage is told of each kind")
    told = steady(lambda: len(sluice.log.splitlines()), 2)
    time.sleep(4)
    assert len(sluice.log.splitlines()) == told, sluice.log
    assert told - before <= 2 * len(USUAL_KINDS) + 2
    api.start()
    heals(api, sluice)
    wait_until(lambda: len(sluice.log.splitlines()) > told, "the recovery is told")


def test_nothing_secret_is_logged(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()), objects.broken_secret("cert"))
    sluice = sluice_controller(api, "--log-level", "debug")
    token = api.rotate_token()["token"]
    api.drop()
    time.sleep(1)
    config = api.kubeconfig.read_text()
    assert token in config
    assert token not in sluice.log
    assert "Bearer" not in sluice.log
    assert "not a key" not in sluice.log and "bm90IGEga2V5" not in sluice.log
