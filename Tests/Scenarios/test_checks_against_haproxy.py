"""Health checks: the same configuration and the same servers, here and in this machine's haproxy."""
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import checks
from harness.sluice import binary

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
NAMES = [case.name for case in checks.CASES]


@pytest.fixture(scope="module")
def observed():
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    sluice = [str(binary()), "proxy", "--ops-port", "0", "--admin-address", "127.0.0.1:0", "--drain-delay", "0s"]
    with ThreadPoolExecutor(2) as both:
        ours = both.submit(checks.observe, sluice)
        theirs = both.submit(checks.observe, [HAPROXY, "-db"])
        return ours.result(), theirs.result()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_changes_are_told_in_the_same_words(observed, name):
    ours, theirs = observed
    assert ours[name]["lines"] == theirs[name]["lines"]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_intervals_lie_between_checks(observed, name):
    ours, theirs = observed
    assert ours[name]["gaps"] == theirs[name]["gaps"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "tls"])
def test_servers_are_asked_the_same(observed, name):
    ours, theirs = observed
    assert ours[name]["asked"] == theirs[name]["asked"]
