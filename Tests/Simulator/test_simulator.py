"""The simulator against what the recordings of a real API server say."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent))

from simulator import objects  # noqa: E402
from simulator.client import ApiServer  # noqa: E402

INGRESSES = "/apis/networking.k8s.io/v1/ingresses"
WATCH_LIST = {
    "watch": "true", "sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true",
}  # fmt: skip


class Client:
    """A plain HTTP/1.1 API client."""

    def __init__(self, api: ApiServer) -> None:
        self.api = api
        config = yaml.safe_load(api.kubeconfig.read_text())
        context = ssl.create_default_context(cafile=config["clusters"][0]["cluster"]["certificate-authority"])
        self.headers = {"Authorization": "Bearer " + config["users"][0]["user"]["token"]}
        self._connection = http.client.HTTPSConnection("127.0.0.1", api.port, context=context, timeout=10)

    def open(self, path: str, method: str = "GET", body: object = None, kind: str = "application/json", **query: str):
        target = f"{path}?{urllib.parse.urlencode(query)}" if query else path
        payload = json.dumps(body) if body is not None else None
        self._connection.request(method, target, payload, {**self.headers, "Content-Type": kind})
        return self._connection.getresponse()

    def ask(self, path: str, method: str = "GET", body: object = None, **query: str) -> tuple[int, dict]:
        response = self.open(path, method, body, **query)
        return response.status, json.loads(response.read())


@pytest.fixture
def api(tmp_path):
    server = ApiServer(tmp_path)
    yield server
    server.close()


@pytest.fixture
def client(api):
    return Client(api)


def web(n: int) -> dict:
    return objects.ingress(f"web-{n}", f"h{n}.test", "web")


def events(response, count: int) -> list[dict]:
    return [json.loads(response.readline()) for _ in range(count)]


def test_pages_are_one_snapshot(api, client):
    api.apply(*[web(n) for n in range(5)])
    status, page = client.ask(INGRESSES, limit="2")
    assert (status, len(page["items"]), page["metadata"]["remainingItemCount"]) == (200, 2, 3)
    assert "kind" not in page["items"][0]
    api.apply(web(9))
    api.delete(web(3))
    token = page["metadata"]["continue"]
    status, rest = client.ask(INGRESSES, limit="500", **{"continue": token})
    assert [item["metadata"]["name"] for item in rest["items"]] == ["web-2", "web-3", "web-4"]
    assert rest["metadata"]["resourceVersion"] == page["metadata"]["resourceVersion"]
    api.compact()
    assert client.ask(INGRESSES, **{"continue": token})[0] == 410


def test_old_and_future_versions(api, client):
    api.apply(web(1))
    status, body = client.ask(INGRESSES, resourceVersion="2", resourceVersionMatch="Exact")
    assert (status, body["reason"]) == (410, "Expired")
    status, body = client.ask(INGRESSES, resourceVersion="999999999")
    assert (status, body["details"]["causes"][0]["reason"]) == (504, "ResourceVersionTooLarge")
    assert client.ask(INGRESSES, resourceVersion="0")[0] == 200
    (event,) = events(client.open(INGRESSES, watch="1", resourceVersion="2"), 1)
    assert event["type"] == "ERROR"
    assert event["object"]["message"] == "too old resource version: 2 (1000)"


def test_watch_list_ends_with_the_annotated_bookmark_and_goes_on(api, client):
    api.apply(web(1), web(2))
    response = client.open(INGRESSES, **WATCH_LIST)
    first, second, mark = events(response, 3)
    assert [first["type"], second["type"], mark["type"]] == ["ADDED", "ADDED", "BOOKMARK"]
    assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert first["object"]["kind"] == "Ingress"
    written = api.apply(web(3))[0]
    (added,) = events(response, 1)
    assert time.monotonic_ns() >= written["writtenAt"]
    assert added["object"]["metadata"]["resourceVersion"] == written["resourceVersion"]
    deleted_at = api.delete(web(3))[0]["resourceVersion"]
    (deleted,) = events(response, 1)
    assert (deleted["type"], deleted["object"]["metadata"]["resourceVersion"]) == ("DELETED", deleted_at)


def test_a_watch_resumes_where_it_was(api, client):
    seen = api.apply(web(1))[0]["resourceVersion"]
    api.apply(web(2))
    api.delete(web(1))
    missed = events(client.open(INGRESSES, watch="1", resourceVersion=seen), 2)
    assert [event["type"] for event in missed] == ["ADDED", "DELETED"]


def test_selectors_turn_changes_into_comings_and_goings(api, client):
    secrets = "/api/v1/secrets"
    opaque = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "type": "Opaque"}
    start = api.apply(opaque)[0]["resourceVersion"]
    assert client.ask(secrets, fieldSelector="type=kubernetes.io/tls")[1]["items"] == []
    response = client.open(secrets, watch="1", resourceVersion=start, fieldSelector="type=kubernetes.io/tls")
    api.apply({**opaque, "type": "kubernetes.io/tls"})
    api.apply(opaque)
    assert [event["type"] for event in events(response, 2)] == ["ADDED", "DELETED"]


def test_labels_are_selected_by_sets_and_followed(api, client):
    def namespace(name, **labels):
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}

    def names(selector):
        return [item["metadata"]["name"] for item in client.ask("/api/v1/namespaces", labelSelector=selector)[1]["items"]]

    api.apply(namespace("a", team="shop"), namespace("b", team="web", hidden="yes"))
    start = api.apply(namespace("c"))[0]["resourceVersion"]
    assert names("team in (shop, web)") == ["a", "b"]
    assert names("team notin (shop)") == ["b", "c"]
    assert names("team!=shop,!hidden") == ["c"]
    assert names("team,hidden") == ["b"]
    assert client.ask("/api/v1/namespaces", labelSelector="team is shop")[0] == 400
    response = client.open("/api/v1/namespaces", watch="1", resourceVersion=start, labelSelector="team in (shop,web),!hidden")
    api.apply(namespace("c", team="web"))
    api.apply(namespace("c", team="web", hidden="yes"))
    assert [event["type"] for event in events(response, 2)] == ["ADDED", "DELETED"]


def test_writes_conflict_and_merge(api, client):
    path = "/apis/networking.k8s.io/v1/namespaces/default/ingresses"
    status, made = client.ask(path, "POST", web(1))
    assert (status, made["metadata"]["generation"]) == (201, 1)
    assert client.ask(path, "POST", web(1))[1]["reason"] == "AlreadyExists"
    stale = {**made, "metadata": {**made["metadata"], "resourceVersion": "1"}}
    assert client.ask(path + "/web-1", "PUT", stale)[1]["reason"] == "Conflict"
    address = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    response = client.open(path + "/web-1/status", "PATCH", address, "application/merge-patch+json")
    patched = json.loads(response.read())
    assert patched["status"] == address["status"]
    assert patched["metadata"]["generation"] == 1
    assert client.ask(path + "/web-1", "DELETE")[1]["status"] == "Success"
    assert client.ask(path + "/web-1")[1]["reason"] == "NotFound"


def test_a_json_patch_holds_only_where_its_tests_do(client):
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    client.ask(path, "POST", {"metadata": {"name": "a"}, "webhooks": [{"name": "x", "clientConfig": {}}]})
    place, kind = "/webhooks/0/clientConfig/caBundle", "application/json-patch+json"
    for name, status in (("y", 422), ("x", 200)):
        change = [{"op": "test", "path": "/webhooks/0/name", "value": name}, {"op": "add", "path": place, "value": "eA=="}]
        assert client.open(path + "/a", "PATCH", change, kind).status == status
        client = Client(client.api)
    assert client.ask(path + "/a")[1]["webhooks"][0]["clientConfig"] == {"caBundle": "eA=="}


LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
NOW = "2026-11-21T16:57:45.000042Z"


def test_leases_are_written_only_on_what_was_read(client):
    lease = {"metadata": {"name": "a"}, "spec": {"holderIdentity": "x", "renewTime": NOW, "leaseDurationSeconds": 15}}
    made = client.ask(LEASES, "POST", lease)[1]
    assert client.ask(LEASES + "/a", "PUT", lease)[0] == 422
    change = {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}, "spec": {"holderIdentity": "y"}}
    for status in (200, 409):
        assert client.open(LEASES + "/a", "PATCH", change, "application/merge-patch+json").status == status
        client = Client(client.api)
    held = client.ask(LEASES + "/a")[1]["spec"]
    assert held == {"holderIdentity": "y", "renewTime": NOW, "leaseDurationSeconds": 15}
    wrong = {"metadata": {"name": "b"}, "spec": {"renewTime": "2026-11-21T16:57:45Z"}}
    assert client.ask(LEASES, "POST", wrong)[1]["reason"] == "Invalid"


def test_events_are_checked_and_only_their_series_changes(client):
    path = "/apis/events.k8s.io/v1/namespaces/default/events"
    event = {
        "metadata": {"name": "a"}, "eventTime": NOW, "regarding": {"kind": "Ingress", "namespace": "default"},
        "reportingController": "a.test/b", "reportingInstance": "pod", "reason": "Bad", "action": "Translate",
        "type": "Warning", "note": "n",
    }  # fmt: skip
    for wrong in ({"action": ""}, {"note": "n" * 1025}, {"type": "Error"}, {"regarding": {"namespace": "b"}}):
        assert client.ask(path, "POST", {**event, **wrong})[0] == 422
    assert client.ask(path, "POST", event)[0] == 201
    assert client.ask(path, "POST", event)[1]["reason"] == "AlreadyExists"
    merge = "application/merge-patch+json"
    assert client.open(path + "/a", "PATCH", {"note": "other"}, merge).status == 422
    series = {"series": {"count": 2, "lastObservedTime": NOW}}
    assert Client(client.api).open(path + "/a", "PATCH", series, merge).status == 200


def test_faults_count_down(api, client):
    api.fault(kind="status", code=429, retry_after=2, resource="ingresses", verb="list", times=1)
    response = client.open(INGRESSES)
    assert (response.status, response.headers["Retry-After"]) == (429, "2")
    response.read()
    assert client.ask(INGRESSES)[0] == 200
    api.fault(kind="truncate", after=10, times=1)
    assert len(client.open(INGRESSES).read()) == 10
    api.fault(kind="reset", after=10, times=1)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        client.open(INGRESSES).read()


def test_an_old_server_refuses_watch_lists_in_the_stream(api, client):
    api.watchlist_unsupported()
    response = client.open(INGRESSES, **WATCH_LIST)
    assert response.status == 200
    (event,) = events(response, 1)
    assert (event["object"]["code"], event["object"]["reason"]) == (500, "InternalError")
    assert response.readline() == b""


def test_open_watches_break_on_demand(api, client):
    response = client.open(INGRESSES, **WATCH_LIST)
    events(response, 1)
    api.break_watches(kind="duplicate")
    api.apply(web(1))
    first, second = events(response, 2)
    assert first == second
    api.end_watches()
    assert response.readline() == b""
    assert api.state()["watches"] == {}


def test_stop_refuses_and_start_returns_on_the_same_port(api):
    Client(api).ask(INGRESSES)
    api.stop()
    with pytest.raises(ConnectionError):
        Client(api).ask(INGRESSES)
    api.apply(web(1))
    api.start()
    assert len(Client(api).ask(INGRESSES)[1]["items"]) == 1


def test_tokens_rotate(api, client):
    assert client.ask("/version")[0] == 200
    api.rotate_token()
    assert client.ask("/version")[0] == 401
    assert Client(api).ask("/version")[1]["gitVersion"].startswith("v1.36")


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_large_answers_pass_over_both_http_versions(api, client, tmp_path, version):
    api.bulk(ingresses=2000)
    command = ["curl", "-sS", version, "--compressed", "--cacert", str(tmp_path / "ca.crt")]
    command += ["-H", f"Authorization: {client.headers['Authorization']}", "-D", "-"]
    run = subprocess.run([*command, api.url + INGRESSES], capture_output=True, timeout=20, check=True)
    head, _, body = run.stdout.partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head.lower()
    assert len(json.loads(body)["items"]) == 2000


def test_goaway_lets_streams_go_on(api, client, tmp_path):
    query = urllib.parse.urlencode({**WATCH_LIST, "timeoutSeconds": "2"})
    command = ["curl", "-sSN", "--http2", "--cacert", str(tmp_path / "ca.crt")]
    command += ["-H", f"Authorization: {client.headers['Authorization']}", f"{api.url}{INGRESSES}?{query}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        assert b"initial-events-end" in curl.stdout.readline()
        api.goaway()
        api.apply(web(1))
        assert b'"ADDED"' in curl.stdout.readline()
        curl.stdout.read()
        assert curl.wait(10) == 0
