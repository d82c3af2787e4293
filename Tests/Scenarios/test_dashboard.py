"""The dashboard in a browser: it shows what runs, follows it, and can be used without a mouse."""

from __future__ import annotations

import pytest
from harness.browser import CHROMIUM, Browser
from harness.site import Site
from harness.sluice import free_port
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium")

TABS = ["Routes", "Backends", "Certificates", "Changes", "Diagnostics", "Workers"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def page(browser, tmp_path):
    """The dashboard of a site of its own, loaded."""
    port = free_port()
    site = Site(tmp_path / "site", arguments=("--admin-address", f"127.0.0.1:{port}"))
    site.sluice.wait_ready()
    browser.complaints.clear()
    browser.look(1280)
    browser.open(f"http://127.0.0.1:{port}/#routes")
    wait_until(lambda: browser.seen("document.getElementById('state')?.textContent") == "live", "the page lives", 20)
    browser.site = site
    yield browser
    complaints = list(browser.complaints)
    browser.open("about:blank")
    site.close()
    assert complaints == []


def shown(page: Browser) -> str:
    return page.run("document.getElementById('view').innerText")


def selected(page: Browser) -> str:
    return page.run("document.querySelector('[role=tab][aria-selected=true]').textContent")


def focused(page: Browser) -> str:
    return page.run("document.activeElement.id || document.activeElement.textContent")


def test_it_shows_what_runs(page):
    wait_until(lambda: "a.test" in shown(page), "routes are shown", 20)
    wait_until(lambda: page.run("document.getElementById('ready').textContent") == "ready", "it is ready", 20)
    assert page.run("[...document.querySelectorAll('[role=tab]')].map(t => t.textContent)") == TABS


def test_changes_come_without_a_reload_and_say_how_long_they_took(page):
    site = page.site
    site.folder.put(objects.ingress("new", "new.test", "web"))
    wait_until(lambda: "new.test" in shown(page), "the new host is shown", 20)
    page.run("choose('changes')")
    # It is shown as soon as it is made, and its time once every worker has it.
    rows = lambda: (r for r in shown(page).splitlines() if "new.test" in r and r.rstrip().endswith(("ms", " s")))  # noqa: E731
    row = wait_until(lambda: next(rows(), None), "the change is shown with its time", 20)
    assert "routes" in row


def test_numbers_follow_the_traffic(page):
    """Of the tiles, and of the one server; nobody loads the page again."""
    page.run("choose('backends')")
    numbers = "[...document.querySelectorAll('#view td.n')].map(cell => Number(cell.textContent))"
    wait_until(lambda: page.run(numbers) == [0, 0, 0], "nothing has been asked", 20)
    page.site.backend.handler = lambda session, request: session.answer(404 if request.target == "/lost" else 200)
    assert [page.site.get(path).status for path in ("/", "/", "/lost", "/")] == [200, 200, 404, 200]
    wait_until(lambda: page.run(numbers) == [0, 4, 0], "the server's requests are counted", 20)
    classes = "document.getElementById('classes').textContent"
    wait_until(lambda: page.run(classes) == "2xx 3 · 3xx 0 · 4xx 1", "and the tile counts all", 20)
    wait_until(lambda: page.run("document.getElementById('spark').getAttribute('points')"), "there is a curve of the rate", 20)


def test_health_certificates_and_findings_are_shown(page):
    """A server that fails its checks, a certificate that ends soon, and an Ingress that leads nowhere."""
    site, soon = page.site, Authority("dashboard-ca").issue("soon", ["soon.test"], seconds=5 * 86_400 + 3_600)
    site.backend.handler = lambda session, request: session.answer(500, b"")
    checked = {"sluice.dev/health-check": "http", "sluice.dev/health-check-interval": "1s", "sluice.dev/health-check-fall": "1"}
    site.folder.put(
        objects.ingress("web", "a.test", "web", annotations=checked), objects.tls_secret("soon", soon),
        objects.ingress("soon", "soon.test", "web", tls_secret="soon"), objects.ingress("lost", "lost.test", "nowhere"),
    )  # fmt: skip
    page.run("choose('backends')")
    bad = "[...document.querySelectorAll('#view .bad')].map(one => one.textContent).join()"
    wait_until(lambda: "DOWN" in page.run(bad) and "500" in page.run(bad), "the server is down, and why", 20)
    page.run("choose('certificates')")
    wait_until(lambda: "default/soon" in shown(page), "the certificate is shown", 20)
    assert "(5 d)" in page.run("[...document.querySelectorAll('#view .warn')].map(one => one.textContent).join()")
    page.run("choose('diagnostics')")
    wait_until(lambda: "ServiceNotFound" in shown(page) and "CertificateExpiring" in shown(page), "both are told of", 20)
    assert "Ingress default/lost" in shown(page)


def test_tabs_are_walked_by_the_keyboard(page):
    page.run("document.querySelector('[role=tab][aria-selected=true]').focus()")
    for name in TABS[1:] + TABS[:1]:
        page.press("ArrowRight")
        assert (selected(page), focused(page)) == (name, name)
    page.press("End")
    assert selected(page) == TABS[-1]
    page.press("Home")
    assert selected(page) == TABS[0]
    page.press("ArrowLeft")
    assert selected(page) == TABS[-1]
    # One stop for all tabs, then the search, then the table.
    page.press("Tab")
    assert focused(page) == "search"
    page.press("Tab")
    assert focused(page) == "view"


def test_search_is_one_key_away(page):
    page.site.folder.put(objects.ingress("other", "other.test", "web"))
    wait_until(lambda: "other.test" in shown(page), "both hosts are shown", 20)
    page.press("/")
    assert focused(page) == "search"
    page.write("other")
    wait_until(lambda: "a.test" not in shown(page), "the other host is gone", 20)
    assert "other.test" in shown(page)
    page.press("Escape")
    wait_until(lambda: "a.test" in shown(page), "it is there again", 20)


def test_a_route_leads_to_its_servers(page):
    wait_until(lambda: page.run("!!document.querySelector('#view .link')"), "routes are shown", 20)
    page.run("document.querySelector('#view .link').focus()")
    page.press("Enter")
    assert selected(page) == "Backends"
    wait_until(lambda: page.site.backend.endpoint in shown(page), "its server is shown", 20)


def test_a_request_is_explained(page):
    page.run("document.querySelector('#explain summary').focus()")
    page.press("Enter")
    page.press("Tab")
    assert focused(page) == "asked"
    page.write("a.test/cart")
    page.press("Enter")
    text = wait_until(lambda: page.run("document.getElementById('explanation').textContent"), "it is explained", 20)
    assert "default/web" in text and "a.test" in text


def test_a_process_that_is_gone_is_said(page):
    page.site.sluice.stop()
    wait_until(lambda: page.run("document.getElementById('state').textContent") == "no connection", "it is said", 20)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_it_fits_and_follows_the_scheme(page, tmp_path, width, scheme):
    page.look(width, scheme=scheme)
    for name in TABS:
        page.run(f"choose({name.lower()!r})")
        wait_until(lambda: shown(page), "a table is shown", 20)
        assert page.run("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"
    background = page.run("getComputedStyle(document.body).backgroundColor")
    ink = page.run("getComputedStyle(document.body).color")
    light = [sum(int(part) for part in colour[4:-1].split(",")) for colour in (background, ink)]
    assert light[0] > 600 and light[1] < 200 if scheme == "light" else light[0] < 200 and light[1] > 600
    assert page.picture(tmp_path / f"{width}-{scheme}.png")[:4] == b"\x89PNG"
