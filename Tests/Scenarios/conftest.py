"""Fixtures of the scenarios. Every process is ended by the fixture that started it; every test is bounded in time."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Simulator")]

from harness.backend import Backend  # noqa: E402
from harness.cluster import web_objects  # noqa: E402
from harness.replicas import Replicas  # noqa: E402
from harness.site import Site  # noqa: E402
from harness.sluice import Sluice, binary  # noqa: E402
from harness.twins import HAPROXY, Twins  # noqa: E402
from simulator.client import ApiServer  # noqa: E402

TEST_SECONDS = 120


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sanitizer: short enough to run against an instrumented build")


def pytest_sessionstart(session: pytest.Session) -> None:
    if not session.config.option.collectonly:
        try:
            binary()
        except FileNotFoundError as error:
            pytest.exit(str(error), returncode=2)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item):
    def expire(*_: object) -> None:
        raise TimeoutError(f"{item.name} took more than {TEST_SECONDS} s")

    previous = signal.signal(signal.SIGALRM, expire)
    signal.alarm(TEST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, previous)


def tell(sluice: Sluice) -> None:
    """Prints the end of a process's output; pytest shows it with a failure."""
    print(f"--- stderr of {' '.join(map(str, sluice.process.args))}", *sluice.log.splitlines()[-40:], sep="\n")
    print("--- access log", *sluice.access_log[-10:], sep="\n")


@pytest.fixture
def sluice_dev(tmp_path):
    """Starts `sluice dev` on the given manifests and waits until it is ready."""
    sites: list[Site] = []

    def start(*manifests: dict, arguments: tuple[str, ...] = ()) -> Site:
        site = Site(tmp_path / f"site{len(sites)}", *manifests, arguments=arguments)
        sites.append(site)
        site.sluice.wait_ready()
        return site

    yield start
    for site in sites:
        died = not site.sluice.is_running and site.sluice.process.returncode != 0
        tell(site.sluice)
        site.close()
        assert not died, f"sluice died with {site.sluice.process.returncode}"


@pytest.fixture(scope="module")
def _shared_site(tmp_path_factory):
    """One slot per test file, so that one crash costs one test and not the file."""
    holder: dict[str, Site] = {}

    def running() -> Site:
        if "site" not in holder:
            holder["site"] = Site(tmp_path_factory.mktemp("site"))
        return holder["site"]

    yield running, holder
    if "site" in holder:
        holder["site"].close()


@pytest.fixture
def site(_shared_site):
    """A running `sluice dev` that the tests of one file share; its backend is fresh for each."""
    running, holder = _shared_site
    site = running()
    site.sluice.wait_ready()
    site.backend.forget()
    yield site
    problems = list(site.backend.problems)
    for session in site.backend.open_sessions:
        session.close()
    tell(site.sluice)
    if not site.sluice.is_running:
        code = holder.pop("site").sluice.process.returncode
        site.backend.close()
        pytest.fail(f"sluice died with {code}")
    assert problems == [], "the backend was sent something ambiguous"


@pytest.fixture
def backend():
    """Starts scripted backends."""
    started: list[Backend] = []

    def start(*arguments, **settings) -> Backend:
        started.append(Backend(*arguments, **settings))
        return started[-1]

    yield start
    problems = [problem for one in started for problem in one.problems]
    for one in started:
        one.close()
    assert problems == [], "a backend was sent something ambiguous"


@pytest.fixture
def simulator(tmp_path):
    """A simulated API server; `simulator("--http1")` passes arguments on."""
    started: list[ApiServer] = []

    def start(*arguments: str) -> ApiServer:
        directory = tmp_path / f"api{len(started)}"
        directory.mkdir()
        started.append(ApiServer(directory, *arguments))
        return started[-1]

    yield start
    for api in started:
        api.close()


@pytest.fixture
def sluice_controller(tmp_path):
    """Starts `sluice controller` against a simulator."""
    started: list[Sluice] = []

    def start(api: ApiServer, *arguments: str, ready: bool = True) -> Sluice:
        directory = tmp_path / f"controller{len(started)}"
        sluice = Sluice(directory, "controller", "--kubeconfig", str(api.kubeconfig), *arguments)
        started.append(sluice)
        return sluice.wait_ready() if ready else sluice

    yield start
    for sluice in started:
        died = not sluice.is_running and sluice.process.returncode != 0
        tell(sluice)
        sluice.stop()
        assert not died, f"sluice died with {sluice.process.returncode}"


@pytest.fixture
def cluster(simulator, backend):
    """A simulated API server with `a.test` and its backend."""
    api = simulator()
    api.apply(*web_objects(backend()))
    return api


@pytest.fixture
def replicas(tmp_path, cluster):
    """Starts so many controllers on the cluster."""
    started: list[Replicas] = []

    def start(count: int, *arguments: str) -> Replicas:
        started.append(Replicas(tmp_path, cluster, count, *arguments))
        return started[-1]

    yield start
    for group in started:
        for sluice in group.all:
            print(f"--- {sluice.process.pid}", *sluice.log.splitlines()[-15:], sep="\n")
        group.close()


@pytest.fixture
def twins_folder(tmp_path_factory):
    """A folder of a short name: a path of a socket may have 97 bytes for haproxy, and a user's name is among them."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def twins(twins_folder):
    """Starts Debian's haproxy and `sluice proxy` on one configuration; see harness.twins."""
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    started: list[Twins] = []

    def start(text: str, **settings) -> Twins:
        started.append(Twins(twins_folder / str(len(started)), text, **settings))
        return started[-1]

    yield start
    died = [side.name for pair in started for side in pair.sides if side.process.poll() is not None]
    for pair in started:
        pair.close()
    assert died == [], "ended on its own"
