"""Replicas elect the one that writes to the cluster; traffic never notices."""

from __future__ import annotations

import signal
import time

import pytest
from harness.client import Client
from harness.cluster import requests_for, serves
from harness.replicas import holder, is_leading, lease, lease_writes, until
from harness.waiting import holds_for, wait_until


def test_one_of_three_leads_and_renews(cluster, replicas):
    group = replicas(3)
    leader = group.wait_leader()
    name = holder(cluster)
    assert holds_for(lambda: group.leaders == [leader], 5)
    assert holder(cluster) == name
    # What made the Lease is not among them.
    writes = wait_until(lambda: (found := lease_writes(cluster))[2:] and found, "it is renewed three times")
    assert len({write["client"] for write in writes}) == 1
    gaps = [(b["at"] - a["at"]) / 1e9 for a, b in zip(writes, writes[1:])]
    # Every two seconds, but for what a write takes on its way.
    assert gaps and 1.2 < sum(gaps) / len(gaps) < 5
    assert lease(cluster)["spec"]["leaseDurationSeconds"] == 15
    assert all(serves(sluice) for sluice in group.all)


def test_followers_leave_the_api_alone(cluster, replicas):
    """They watch the Lease, so that a large fleet does not poll it."""
    group = replicas(3)
    group.wait_leader()
    time.sleep(2.5)
    since = cluster.state()["requests"]
    time.sleep(5)
    assert not [request for request in requests_for(cluster, "leases", since) if request["verb"] == "get"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_leader_that_falls_silent_is_replaced_within_20_seconds(cluster, replicas, number):
    group = replicas(3)
    leader = group.wait_leader()
    before = holder(cluster)
    leader.process.send_signal(number)
    if number == signal.SIGKILL:
        leader.process.wait(5)
    fell = time.monotonic()
    rest = group.others(leader)
    with Client(rest[0].http) as client:
        while not any(is_leading(sluice) for sluice in rest):
            assert client.request().status == 200
            assert until(fell) < 20
            assert holder(cluster) == before or until(fell) > 12
            time.sleep(0.02)
    assert holder(cluster) not in ("", before)
    assert lease(cluster)["spec"]["leaseTransitions"] == 1
    if number == signal.SIGSTOP:
        leader.process.send_signal(signal.SIGCONT)
        assert holds_for(lambda: not is_leading(leader) and serves(leader), 3)
    assert len(group.leaders) == 1


def test_a_leader_that_stops_in_order_is_replaced_long_before_its_lease_ends(cluster, replicas):
    group = replicas(3, "--drain-delay", "8s")
    leader = group.wait_leader()
    time.sleep(2.2)  # the followers have seen it renew
    before = holder(cluster)
    since = cluster.state()["requests"]
    leader.terminate()
    stopped = time.monotonic()
    group.wait_leader(6.0, among=group.others(leader))
    assert until(stopped) < 7
    assert leader.is_running and serves(leader), "it still drains"
    writes = lease_writes(cluster, since)
    freed = next(write for write in writes if write["spec"]["holderIdentity"] == "")
    assert freed["spec"]["leaseDurationSeconds"] == 1
    taken = next(write for write in writes if write["spec"]["holderIdentity"] not in ("", before))
    assert taken["at"] > freed["at"]
    assert leader.process.wait(20) == 0


@pytest.mark.sanitizer
def test_a_follower_that_stops_writes_nothing(cluster, replicas):
    group = replicas(2)
    leader = group.wait_leader()
    (follower,) = group.others(leader)
    since = cluster.state()["requests"]
    assert follower.stop() == 0
    assert {write["spec"]["holderIdentity"] for write in lease_writes(cluster, since)} <= {holder(cluster)}
    assert is_leading(leader)


@pytest.mark.sanitizer
def test_without_permission_it_serves_and_says_so_once(cluster, replicas):
    cluster.fault(kind="status", code=403, resource="leases")
    (sluice,) = replicas(1).all
    sluice.wait_log(r"error Lease default/sluice-leader: no permission")
    assert holds_for(lambda: serves(sluice) and sluice.is_ready and not is_leading(sluice), 5)
    assert sluice.log.count("no permission") == 1
    cluster.clear_faults()
    wait_until(lambda: is_leading(sluice), "it leads once it may")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "code": 409}, {"kind": "status", "code": 429, "retry_after": 1},
        {"kind": "status", "code": 500}, {"kind": "reset", "after": 0}, {"kind": "truncate", "after": 20},
        {"kind": "garbage"}, {"kind": "late", "delay": 3},
    ],
    ids=lambda fault: f"{fault['kind']}{fault.get('code', '')}",
)  # fmt: skip
def test_renewals_that_fail_for_a_while_cost_nothing(cluster, replicas, fault):
    (sluice,) = replicas(1).all
    wait_until(lambda: is_leading(sluice), "it leads")
    cluster.fault(resource="leases", verb="patch", times=1, **fault)
    before = len(lease_writes(cluster))
    assert holds_for(lambda: is_leading(sluice), 3)
    wait_until(lambda: len(lease_writes(cluster)) >= before + 2, "it renews again")
    assert sluice.metric("sluice_leader_elections_total") == 1


def test_an_api_server_that_is_away_ends_the_lead_and_nothing_else(cluster, replicas):
    (sluice,) = replicas(1).all
    wait_until(lambda: is_leading(sluice), "it leads")
    cluster.stop()
    gone = time.monotonic()
    with Client(sluice.http) as client:
        while is_leading(sluice):
            assert client.request().status == 200 and sluice.is_ready
            assert until(gone) < 14
            time.sleep(0.05)
    assert until(gone) > 5
    cluster.start()
    wait_until(lambda: is_leading(sluice), "it leads again")
    assert sluice.metric("sluice_leader_elections_total") == 2


def test_a_lease_that_is_deleted_is_made_again(cluster, replicas):
    (sluice,) = replicas(1).all
    wait_until(lambda: is_leading(sluice), "it leads")
    cluster.delete(lease(cluster))
    wait_until(lambda: holder(cluster), "there is one again")
    assert is_leading(sluice)


def test_what_others_put_into_the_lease_stays(cluster, replicas):
    (sluice,) = replicas(1).all
    wait_until(lambda: is_leading(sluice), "it leads")
    found = lease(cluster)
    found["metadata"]["labels"] = {"team": "edge"}
    cluster.apply(found)
    before = len(lease_writes(cluster))
    wait_until(lambda: len(lease_writes(cluster)) > before + 1, "it is renewed")
    assert lease(cluster)["metadata"]["labels"] == {"team": "edge"}


def test_with_a_kubeconfig_nothing_is_written_unless_asked_for(cluster, sluice_controller):
    sluice = sluice_controller(cluster)
    sluice.wait_log("nothing is written to this cluster")
    time.sleep(1)
    assert requests_for(cluster, "leases") == []
    assert not is_leading(sluice)


def test_without_an_election_no_lease_is_touched(cluster, replicas):
    (sluice,) = replicas(1, "--no-leader-election").all
    assert is_leading(sluice)
    assert requests_for(cluster, "leases") == []
