"""Traces: W3C Trace Context from clients and to servers, and spans to a collector by OTLP over HTTP."""

from __future__ import annotations

import json
import re
import time

import pytest
from harness.backend import Backend
from harness.collector import Collector
from harness.http2 import Http2
from harness.messages import Request
from harness.site import Site, dev_service
from harness.waiting import holds_for, wait_everywhere, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])")
CLIENT = "00f067aa0ba902b7"
FLAGS = ("--configmap", "default/settings", "--log-format", "json", "--workers", "2")
INGRESSES = {
    "plain": {},
    "on": {"enable-opentelemetry": "true"},
    "off": {"enable-opentelemetry": "false"},
    "alone": {"enable-opentelemetry": "true", "opentelemetry-trust-incoming-span": "false"},
    "named": {"enable-opentelemetry": "true", "opentelemetry-operation-name": "to $service_name: ${request_method}"},
    "asking": {"enable-opentelemetry": "true", "auth-url": "http://auth.default.svc.cluster.local/ask"},
    "copied": {"enable-opentelemetry": "true", "mirror-target": "http://copies.default.svc.cluster.local"},
    "sent": {"enable-opentelemetry": "true", "permanent-redirect": "https://elsewhere.test/"},
}


def made(seed: int) -> str:
    """A trace's id that no other scenario has."""
    return f"{seed:08x}4bf92f3577b34da6a3ce929d"


class Traced(Site):
    """An Ingress for each way to be traced, and a collector."""

    def __init__(self, directory) -> None:
        self.collector = Collector()
        super().__init__(directory, *(self.ingress(name, says) for name, says in INGRESSES.items()), arguments=FLAGS)
        self.server, self.auth, self.copies = Backend(name="server"), Backend(name="auth"), Backend(name="copies")
        self.seed = 0
        self.folder.put(
            objects.ingress("nobody", "nobody.test", "empty", annotations={NGINX + "enable-opentelemetry": "true"}),
            dev_service("empty"), dev_service("web", self.server), dev_service("auth", self.auth),
            dev_service("copies", self.copies), self.settings(),
        )  # fmt: skip
        self.sluice.wait_ready()
        wait_everywhere(lambda: self.ask("on").status == 200, "the servers")
        wait_until(lambda: self.collector.spans, "the collector is known")

    @staticmethod
    def ingress(name: str, says: dict[str, str]) -> dict:
        return objects.ingress(name, f"{name}.test", "web", annotations={NGINX + key: value for key, value in says.items()})

    def settings(self, **more: str) -> dict:
        usual = {"trace-collector": self.collector.url, "trace-delay": "50ms", "trace-service-name": "edge"}
        return objects.config_map("settings", usual | {key.replace("_", "-"): value for key, value in more.items()})

    def say(self, **more: str) -> None:
        """Settings beside the usual ones; they hold when this ends."""
        known = self.sluice.metric("sluice_config_publish_total")
        self.folder.put(self.settings(**more))
        wait_until(lambda: self.sluice.metric("sluice_config_publish_total") > known, "they are published")

    def ask(self, name: str, path: str = "/", *fields: tuple[str, str], **more):
        return self.get(path, host=f"{name}.test", headers=fields, **more)

    def new(self) -> str:
        self.seed += 1
        return made(self.seed)

    def forget(self) -> None:
        for server in (self.server, self.auth, self.copies):
            server.forget()
        self.collector.forget()

    @property
    def told(self) -> Request:
        """The last request that the server got."""
        return self.server.requests[-1]

    def close(self) -> None:
        super().close()
        for server in (self.server, self.auth, self.copies, self.collector):
            server.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    site = Traced(tmp_path_factory.mktemp("traces"))
    yield site
    site.close()


@pytest.fixture
def site(shared):
    shared.forget()
    yield shared
    servers = (shared.server, shared.auth, shared.copies, shared.collector.server)
    assert [problem for server in servers for problem in server.problems] == []
    assert shared.sluice.is_running


@pytest.fixture
def say(site):
    """Settings that hold at every worker when it returns, and no longer than the scenario."""

    def publish(holds, **more: str) -> None:
        site.say(**more)
        wait_everywhere(holds, f"{more} hold")

    yield publish
    site.say()
    wait_everywhere(
        lambda: goes_on(site) and flag(site, "on") == "01" and flag(site, "plain") is None, "the usual settings hold"
    )


def fields(request: Request, name: str) -> list[str]:
    return [value for key, value in request.fields if key == name]


def told(request: Request) -> tuple[str, str, str]:
    """Trace, span and flags of the one `traceparent`."""
    (value,) = fields(request, "traceparent")
    match = PARENT.fullmatch(value)
    assert match, value
    return match.groups()


def flag(site: Traced, name: str, *given: tuple[str, str]) -> str | None:
    """Whether the server is told that it is recorded; None if it is told nothing."""
    assert site.ask(name, "/", *given).status == 200
    found = fields(site.told, "traceparent")
    return found[0][-2:] if found else None


def goes_on(site: Traced) -> bool:
    """Whether a client's trace is continued."""
    trace = site.new()
    assert site.ask("on", "/", ("traceparent", f"00-{trace}-{CLIENT}-01")).status == 200
    return told(site.told)[0] == trace


# MARK: - From clients, and to servers


def test_a_trace_begins_here(site):
    before = time.time_ns()
    assert site.ask("on", "/a/b?secret=1").status == 200
    trace, span, flags = told(site.told)
    assert flags == "01" and trace != "0" * 32 and span != "0" * 16
    assert fields(site.told, "tracestate") == []
    found = site.collector.wait_span(trace)
    assert (found.id, found.parent, found.name, found.service) == (span, None, "GET /", "edge")
    assert found.raw["kind"] == 2 and found.raw["status"] == {}
    start, end = int(found.raw["startTimeUnixNano"]), int(found.raw["endTimeUnixNano"])
    # Clocks of the kernel tick every few milliseconds.
    assert before - 50_000_000 <= start <= end <= time.time_ns() + 50_000_000
    assert found.attributes == {
        "http.request.method": "GET", "url.path": "/a/b", "url.scheme": "http", "http.route": "/",
        "http.response.status_code": 200, "server.address": "on.test", "client.address": "127.0.0.1",
        "network.protocol.version": "1.1", "sluice.namespace": "default", "sluice.ingress": "on",
        "sluice.service": "web", "sluice.termination": "--",
    }  # fmt: skip


def test_every_request_of_a_connection_has_a_span_of_its_own(site):
    with site.client() as client:
        for _ in range(3):
            assert client.request(host="on.test").status == 200
    seen = [told(request) for request in site.server.requests[-3:]]
    assert len({trace for trace, _, _ in seen}) == 3 and len({span for _, span, _ in seen}) == 3
    for trace, span, _ in seen:
        assert site.collector.wait_span(trace).id == span


def test_a_client_s_trace_goes_on_with_its_state(site):
    trace = site.new()
    given = (("traceparent", f"00-{trace}-{CLIENT}-01"), ("tracestate", "a=1,b=2"), ("tracestate", "c=3"))
    assert site.ask("on", "/", *given).status == 200
    found, span, flags = told(site.told)
    assert (found, flags) == (trace, "01") and span != CLIENT
    assert fields(site.told, "tracestate") == ["a=1,b=2", "c=3"]
    sent = site.collector.wait_span(trace)
    assert (sent.id, sent.parent, sent.raw["traceState"]) == (span, CLIENT, "a=1,b=2")


def test_a_version_to_come_is_answered_in_ours(site):
    trace = site.new()
    assert site.ask("on", "/", ("Traceparent", f"cc-{trace}-{CLIENT}-01-more-of-it")).status == 200
    assert told(site.told)[0] == trace
    assert site.collector.wait_span(trace).parent == CLIENT


BAD = {
    "a flag of one digit": "00-TRACE-SPAN-1",
    "something behind": "00-TRACE-SPAN-01-",
    "version ff": "ff-TRACE-SPAN-01",
    "a flag that is no number": "00-TRACE-SPAN-0g",
    "no flags": "00-TRACE-SPAN",
    "an id alone": "TRACE",
    "a trace of zeros": f"00-{'0' * 32}-SPAN-01",
    "a span of zeros": f"00-TRACE-{'0' * 16}-01",
    "upper case": "00-UPPER-SPAN-01",
    "two in one": "00-TRACE-SPAN-01,00-TRACE-SPAN-01",
}


@pytest.mark.parametrize("form", BAD.values(), ids=BAD)
def test_what_is_no_traceparent_begins_another_trace(site, form):
    trace = site.new()
    value = form.replace("TRACE", trace).replace("UPPER", trace.upper()).replace("SPAN", CLIENT)
    assert site.ask("on", "/", ("traceparent", value), ("tracestate", "a=1")).status == 200
    assert told(site.told)[0] != trace
    assert fields(site.told, "tracestate") == []


def test_two_traceparents_are_none(site):
    one, two = site.new(), site.new()
    given = (("traceparent", f"00-{one}-{CLIENT}-01"), ("traceparent", f"00-{two}-{CLIENT}-01"), ("tracestate", "a=1"))
    assert site.ask("on", "/", *given).status == 200
    assert told(site.told)[0] not in (one, two)
    assert fields(site.told, "tracestate") == []


def test_who_is_not_believed_begins_a_trace(site):
    trace = site.new()
    given = (("traceparent", f"00-{trace}-{CLIENT}-00"), ("tracestate", "a=1"))
    assert site.ask("alone", "/", *given).status == 200
    found, _, flags = told(site.told)
    assert found != trace and flags == "01"
    assert fields(site.told, "tracestate") == []
    assert site.collector.wait_span(found).parent is None


def test_who_is_not_traced_is_left_alone(site):
    given = (("traceparent", "whatever"), ("tracestate", "a=1"))
    for name in ("plain", "off"):
        assert site.ask(name, "/", *given).status == 200
        assert fields(site.told, "traceparent") == ["whatever"] and fields(site.told, "tracestate") == ["a=1"]
        assert site.ask(name).status == 200
        assert fields(site.told, "traceparent") == []


def test_what_the_client_does_not_record_is_not_recorded(site):
    trace = site.new()
    assert site.ask("on", "/", ("traceparent", f"00-{trace}-{CLIENT}-00")).status == 200
    found, span, flags = told(site.told)
    assert (found, flags) == (trace, "00") and span != CLIENT
    # What comes later and arrives says that this did not.
    later = site.new()
    assert site.ask("on", "/", ("traceparent", f"00-{later}-{CLIENT}-01")).status == 200
    site.collector.wait_span(later)
    assert holds_for(lambda: not site.collector.has(trace), 0.3)


def test_streams_of_http2_are_traced(site):
    trace = site.new()
    with Http2(site.port) as client:
        answer = client.request("/h2", host="on.test", headers=[("traceparent", f"00-{trace}-{CLIENT}-01")])
        assert answer.status == 200
    assert told(site.told)[0] == trace
    found = site.collector.wait_span(trace)
    assert found.attributes["network.protocol.version"] == "2" and found.attributes["url.path"] == "/h2"


def test_who_is_asked_and_who_gets_a_copy_are_told_the_same(site):
    for name, other in (("asking", site.auth), ("copied", site.copies)):
        trace = site.new()
        assert site.ask(name, "/", ("traceparent", f"00-{trace}-{CLIENT}-01")).status == 200
        wait_until(lambda: other.requests, f"a request of {name}")
        assert told(other.requests[-1]) == told(site.told) and told(site.told)[0] == trace


def test_a_long_upload_has_one_span_at_its_end(site):
    trace = site.new()
    site.server.handler = lambda session, request: session.answer(body=b"x" * 300_000)
    answer = site.ask("on", "/up", ("traceparent", f"00-{trace}-{CLIENT}-01"), method="POST", body=b"y" * 500_000)
    assert answer.status == 200 and len(answer.body) == 300_000
    found = site.collector.wait_span(trace)
    assert found.attributes["http.request.method"] == "POST" and found.attributes["url.path"] == "/up"


# MARK: - What a span says


def test_a_span_is_called_as_the_ingress_says(site):
    trace = site.new()
    assert site.ask("named", "/", ("traceparent", f"00-{trace}-{CLIENT}-01"), method="DELETE").status == 200
    assert site.collector.wait_span(trace).name == "to web: DELETE"


def test_without_a_server_it_is_an_error(site):
    trace = site.new()
    assert site.ask("nobody", "/", ("traceparent", f"00-{trace}-{CLIENT}-01")).status == 503
    found = site.collector.wait_span(trace)
    assert found.raw["status"] == {"code": 2}
    assert found.attributes["http.response.status_code"] == 503 and found.attributes["error.type"] == "503"
    assert found.attributes["sluice.termination"] == "SC"


def test_an_answer_of_ours_has_a_span_too(site):
    trace = site.new()
    assert site.ask("sent", "/", ("traceparent", f"00-{trace}-{CLIENT}-01")).status == 301
    found = site.collector.wait_span(trace)
    assert found.attributes["http.response.status_code"] == 301 and "sluice.service" not in found.attributes


def test_odd_bytes_stay_json(site):
    trace = site.new()
    given = (("traceparent", f"00-{trace}-{CLIENT}-01"), ("tracestate", 'a="\\'))
    with site.client() as client:
        client.send(
            b'GET /a"\\%22?x HTTP/1.1\r\nHost: on.test\r\n' + "".join(f"{k}: {v}\r\n" for k, v in given).encode() + b"\r\n"
        )
        answer = client.response()
    # Whether such a target is taken is another question; what is, is told.
    if answer.status == 200:
        found = site.collector.wait_span(trace)
        assert found.attributes["url.path"] == '/a"\\%22' and found.raw["traceState"] == 'a="\\'
    else:
        assert answer.status == 400


def test_the_access_log_names_the_trace(site):
    trace = site.new()
    assert site.ask("on", "/logged", ("traceparent", f"00-{trace}-{CLIENT}-00")).status == 200
    line = json.loads(site.sluice.wait_access(f'"trace_id":"{trace}"'))
    assert line["uri"] == "/logged" and line["ingress"] == "on"
    assert site.ask("plain", "/not-traced").status == 200
    assert "trace_id" not in json.loads(site.sluice.wait_access("/not-traced"))


# MARK: - For all


def test_all_are_traced_but_who_says_no(site, say):
    say(lambda: flag(site, "plain") == "01", enable_opentelemetry="true")
    assert flag(site, "off") is None
    trace, _, _ = told_of(site, "plain")
    assert site.collector.wait_span(trace).attributes["sluice.ingress"] == "plain"
    # Nobody's host.
    trace = site.new()
    assert site.ask("unknown", "/", ("traceparent", f"00-{trace}-{CLIENT}-01")).status == 404
    assert site.collector.wait_span(trace).attributes["http.response.status_code"] == 404


def told_of(site: Traced, name: str) -> tuple[str, str, str]:
    assert site.ask(name).status == 200
    return told(site.told)


def test_nothing_is_recorded_where_the_sampler_says_so(site, say):
    say(lambda: flag(site, "on") == "00", otel_sampler="AlwaysOff")
    trace = site.new()
    assert flag(site, "on", ("traceparent", f"00-{trace}-{CLIENT}-01")) == "01"
    site.collector.wait_span(trace)
    say(
        lambda: flag(site, "on", ("traceparent", f"00-{site.new()}-{CLIENT}-01")) == "00", otel_sampler="AlwaysOff",
        otel_sampler_parent_based="false",
    )  # fmt: skip


def test_a_ratio_decides_by_the_trace_alone(site, say):
    low, high = "4bf92f3577b34da6a30000000000000f", "4bf92f3577b34da6a3ffffffffffffff"

    def of(trace: str) -> str | None:
        return flag(site, "on", ("traceparent", f"00-{trace}-{CLIENT}-01"))

    say(
        lambda: of(low) == "00", otel_sampler="TraceIdRatioBased", otel_sampler_ratio="0.5",
        otel_sampler_parent_based="false",
    )  # fmt: skip
    assert of(high) == "01"


# MARK: - The collector


def counted(site: Traced, outcome: str) -> float:
    text = site.sluice.ops_get("/metrics")[1]
    return float(re.search(rf'^sluice_trace_spans_total\{{outcome="{outcome}"\}} (\S+)$', text, re.M)[1])


def test_what_is_taken_is_counted(site):
    known = counted(site, "exported")
    trace, _, _ = told_of(site, "on")
    site.collector.wait_span(trace)
    wait_until(lambda: counted(site, "exported") > known, "it is counted")
    assert len([span for span in site.collector.spans if span.trace == trace]) == 1
    (post, *_) = site.collector.posts
    assert (post.method, post.target) == ("POST", "/v1/traces")
    assert fields(post, "content-type") == ["application/json"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_collector_that_asks_for_time_gets_it_later(site, status):
    wait_until(lambda: site.sluice.metric("sluice_trace_spans_waiting") == 0, "nothing is under way")
    site.collector.answers.append((status, "Retry-After: 1\r\n", b"{}"))
    trace, _, _ = told_of(site, "on")
    found = site.collector.wait_span(trace, 15)
    assert found.trace == trace
    assert len([span for span in site.collector.spans if span.trace == trace]) == 1
    assert len(site.collector.posts) >= 2


def test_what_a_collector_refuses_is_not_sent_again(site):
    wait_until(lambda: site.sluice.metric("sluice_trace_spans_waiting") == 0, "nothing is under way")
    known = counted(site, "rejected")
    site.collector.answers.append((400, "", b"no"))
    trace, _, _ = told_of(site, "on")
    wait_until(lambda: counted(site, "rejected") == known + 1, "it is counted")
    site.collector.answers.append((200, "", b'{"partialSuccess":{"rejectedSpans":"1","errorMessage":"no"}}'))
    later, _, _ = told_of(site, "on")
    site.collector.wait_span(later)
    wait_until(lambda: counted(site, "rejected") == known + 2, "what is refused in part is counted")
    assert not site.collector.has(trace)
    site.sluice.wait_log(r"traces: http://127\.0\.0\.1:\d+/v1/traces: it answers 400")


def test_a_slow_collector_delays_nobody_and_what_waits_is_bounded(site, say):
    # The last word shows which worker knows the others.
    say(lambda: not goes_on(site), trace_queue_size="20", trace_batch_size="5", trace_trust_incoming="false")
    wait_until(lambda: site.sluice.metric("sluice_trace_spans_waiting") == 0, "nothing is under way")
    site.collector.may_answer.clear()
    known = counted(site, "dropped")

    def ask() -> bool:
        with site.client() as client:
            for _ in range(20):
                assert client.request(host="on.test").status == 200
        return counted(site, "dropped") > known

    wait_until(ask, "spans are dropped while the collector does not answer", 20)
    # One that is too many is counted until it is dropped.
    wait_until(lambda: site.sluice.metric("sluice_trace_spans_waiting") <= 20, "no more wait than may")
    site.collector.may_answer.set()
    wait_until(lambda: site.sluice.metric("sluice_trace_spans_waiting") == 0, "the rest is sent", 20)
    trace, _, _ = told_of(site, "on")
    site.collector.wait_span(trace)


def test_a_dead_collector_delays_nobody_and_is_found_again(site):
    wait_until(lambda: site.sluice.metric("sluice_trace_spans_waiting") == 0, "nothing is under way")
    site.collector.server.refuse()
    for session in site.collector.server.open_sessions:
        session.close()
    traces = [told_of(site, "on")[0] for _ in range(5)]
    site.sluice.wait_log("traces: .*(connect|refused|closed|reset|empty reply)")
    assert site.ask("on").status == 200
    site.collector.server.listen()
    for trace in traces:
        site.collector.wait_span(trace, 20)
    site.sluice.wait_log("traces: .* takes spans again")


def test_what_waits_is_sent_before_the_end(tmp_path):
    site = Traced(tmp_path)
    try:
        site.say(trace_delay="60s")
        # Whichever worker has it: what the collector is not sent at once is held.
        wait_until(
            lambda: told_of(site, "on") and site.sluice.metric("sluice_trace_spans_waiting") > 0, "a span waits"
        )
        trace, _, _ = told_of(site, "on")
        assert site.sluice.stop() == 0
        site.collector.wait_span(trace)
    finally:
        site.close()
