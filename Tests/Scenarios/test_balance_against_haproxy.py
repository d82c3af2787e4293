"""What our balancer is compared with is what this machine's haproxy does.

Tests/EngineTests/Balance/PlacementsTests.swift sends the recorded requests through our balancer; here the recording is made
again by the real haproxy and must be the same, so that the two never drift apart unseen.
"""
import json
import shutil

import pytest
from harness import placements

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


@pytest.fixture(scope="module")
def live():
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    return placements.record(HAPROXY)


@pytest.fixture(scope="module")
def recorded():
    return json.loads(placements.FIXTURE.read_text())


def test_the_recording_has_the_requests_and_backends_of_its_script(recorded):
    assert recorded["requests"] == placements.requests()
    assert [{key: value for key, value in one.items() if key != "picks"} for one in recorded["cases"]] == placements.cases()


def test_haproxy_sends_every_request_where_the_recording_says(live, recorded):
    different = [
        (one["balance"], one["hashType"], one["weights"])
        for one, other in zip(recorded["cases"], live["cases"], strict=True)
        if one["picks"] != other["picks"]
    ]
    assert different == [], f"recorded from {recorded['haproxy']}, asked {live['haproxy']}"
