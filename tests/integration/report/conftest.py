# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Chromium, driven by its chromedriver in the protocol of https://www.w3.org/TR/webdriver2/: JSON over HTTP."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Iterator, Sequence
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


class Element:
    def __init__(self, browser: Browser, identity: str) -> None:
        self._browser = browser
        self._path = f"/element/{identity}"

    def click(self) -> None:
        self._browser.ask("POST", f"{self._path}/click", {})

    def type(self, text: str) -> None:
        self._browser.ask("POST", f"{self._path}/value", {"text": text})

    @property
    def text(self) -> str:
        return self._browser.ask("GET", f"{self._path}/text")


class Browser:
    """profile: an empty directory for all that it writes."""

    def __init__(self, profile: Path, size: tuple[int, int] = (1400, 1000)) -> None:
        self._driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = iter(self._driver.stdout or ())
        port = next(match.group(1) for match in (re.search(r"successfully on port (\d+)", line) for line in said) if match)
        self._session = f"http://127.0.0.1:{port}/session"
        options = {"args": [*ARGUMENTS, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        session = self.ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._session += f"/{session['sessionId']}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._session + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urlopen(request, timeout=60) as reply:
                return json.load(reply)["value"]
        except HTTPError as error:
            raise AssertionError(f"{method} {path} {body}: {json.load(error)['value']['message']}") from None

    def open(self, url: str) -> None:
        self.ask("POST", "/url", {"url": url})

    def find(self, selector: str) -> Element:
        return Element(self, self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT])

    def run(self, script: str, *arguments: Any) -> Any:
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def texts(self, selector: str) -> list[str]:
        return self.run("return [...document.querySelectorAll(arguments[0])].map((each) => each.innerText)", selector)

    def keys(self, keys: Sequence[str]) -> None:
        """To whatever has the focus."""
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": presses}]})

    def resize(self, width: int, height: int) -> None:
        self.ask("POST", "/window/rect", {"width": width, "height": height})

    def command(self, name: str, **parameters: Any) -> Any:
        """One of the DevTools protocol."""
        return self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def dark(self, is_dark: bool) -> None:
        """What the person's system prefers; that nothing moves by itself, always: a click hits then."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}]
        features.append({"name": "prefers-reduced-motion", "value": "reduce"})
        self.command("Emulation.setEmulatedMedia", features=features)

    def picture(self, path: Path) -> None:
        """The whole page, not only what is in view."""
        image = self.command("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(image["data"]))

    def console(self) -> list[str]:
        return [f"{entry['level']} {entry['message']}" for entry in self.ask("POST", "/se/log", {"type": "browser"})]

    def requests(self) -> list[str]:
        """The addresses of all that was asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self.ask("POST", "/se/log", {"type": "performance"})]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def close(self) -> None:
        self.ask("DELETE", "")
        self._driver.terminate()
        self._driver.wait(10)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    try:
        browser.open("about:blank")
        browser.dark(False)
        browser.console(), browser.requests()  # of the page that a browser shows first
        yield browser
    finally:
        browser.close()
