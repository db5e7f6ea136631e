"""The site, built once, and a headless Chromium that cannot reach any network."""

from __future__ import annotations

import json
import re
import shutil
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk_contract.commands.reference import contents, write
from sleeptalk_contract.reference.site import published
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

    from sleeptalk_contract.reference.published import Published

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

needs_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver (Debian: chromium-driver) are not installed"
)

needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed (Debian: apt install golang-go)")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole reference."""
    folder = tmp_path_factory.mktemp("reference") / "site"
    write(folder, contents(SERVICES))
    return folder


@pytest.fixture(scope="session")
def parts() -> list[Published]:
    """The services of the project as the reference shows them."""
    return published(SERVICES)


def words_of(page: Path) -> str:
    """Return the text of a page from its first heading on, with single spaces."""
    text = re.sub(r"<script.*?</script>|<style.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", text.partition("<h1>")[2])).split())


class Browser:
    """One window. `visit` opens a page of the site from the disk."""

    def __init__(self, driver: Chrome, site: Path) -> None:
        self.driver = driver
        self.site = site

    def visit(self, address: str) -> None:
        """Open "rules.html#session.shape" anew, even where it is the page that is open."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.site.as_uri()}/{address}")

    def run(self, script: str, *arguments: object) -> Any:
        """Run JavaScript in the page."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: Callable[[], object]) -> Any:
        """Wait until `condition` gives something, 10 s at most, and give it."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, 10, poll_frequency=0.05).until(lambda _: condition())

    def resize(self, width: int, *, dark: bool = False) -> None:
        """Lay the page out for a window of this width, light or dark."""
        metrics = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 600}
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})

    def errors(self) -> list[str]:
        """Return what the console has complained of since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self) -> list[str]:
        """Return the addresses requested since the last time, other than files and what a page holds itself."""
        addresses = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
        return [address for address in addresses if not address.startswith(("file:", "data:", "blob:", "about:"))]


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A headless Chromium with a profile of its own; no name resolves in it, and only this machine is reached."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--window-size=1400,1000",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=ChromeService(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def browser(chromium: Chrome, site: Path) -> Browser:
    """A wide, light window with nothing in its logs."""
    window = Browser(chromium, site)
    window.resize(1400)
    window.errors()
    window.requests()
    return window
