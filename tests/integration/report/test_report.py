# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook on a fleet that is not well, and its page in a real browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

OLDEST, BETWEEN, NEWEST = os.environ["DAEMONIC_HOSTS"].split()
SCENARIO = Path(__file__).parents[3] / "molecule" / "report"
GONE = "<img src=x onerror=alert(1)>"
UNITS = [f"report_{name}" for name in ("clock.service", "clock.timer", "queue.service", "shop.target")]
UNITS += [f"report_{name}" for name in ("web.service", "web.socket", "worker.service")]


def run_playbook(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As a person would, from a folder of their own."""
    inventories = ["-i", os.environ["ANSIBLE_INVENTORY"], "-i", str(SCENARIO / "files" / "inventory.yml")]
    command = ["ansible-playbook", "daemonic.systemd.report", *inventories, *arguments]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_DEPRECATION_WARNINGS": "0"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600)


class Run:
    """folder: where it was run, and what it has written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done = run_playbook(folder, "-e", "report_json=report.json", "-e", "report_lines=20")
        self.report = json.loads((folder / "report.json").read_text()) if self.done.returncode == 0 else {}

    def unit(self, host: str, name: str) -> dict[str, Any]:
        return next(row for row in self.report["units"] if (row["host"], row["unit"]) == (host, name))


@pytest.fixture(scope="module", name="run")
def fixture_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = Run(tmp_path_factory.mktemp("report"))
    assert run.done.returncode == 0, run.done.stdout + run.done.stderr
    return run


@pytest.fixture(scope="module", name="browser")
def fixture_browser(run: Run, chromium: Any) -> Any:
    chromium.open((run.folder / "report.html").as_uri())
    return chromium


# The playbook


def test_hosts(run: Run) -> None:
    health = {host["name"]: host["health"] for host in run.report["hosts"]}
    assert health == {OLDEST: "well", BETWEEN: "failed", NEWEST: "attention", GONE: "unreachable"}
    assert "Failed to connect" in next(host["message"] for host in run.report["hosts"] if host["name"] == GONE)
    groups = {host["name"]: host["groups"] for host in run.report["hosts"]}
    assert groups[OLDEST] == ["bed", "oldest", "web"]
    others = {host["name"]: host["other_failed_units"] for host in run.report["hosts"]}
    assert others[BETWEEN] == ["report_stranger.service"]


def test_units(run: Run) -> None:
    found = [row["unit"] for row in run.report["units"] if row["host"] == OLDEST]
    assert found == UNITS
    socket, timer = run.unit(OLDEST, "report_web.socket"), run.unit(OLDEST, "report_clock.timer")
    assert socket["listen"] == [{"address": "[::]:9790", "type": "Stream"}]
    assert timer["next_elapse"].endswith("T04:00:00Z")
    web = run.unit(OLDEST, "report_web.service")
    assert (web["sub_state"], web["restarts"], len(web["release"])) == ("running", 0, 16)
    assert 0 < web["exposure"] <= 10


def test_what_has_failed_tells_why(run: Run) -> None:
    worker = run.unit(BETWEEN, "report_worker.service")
    assert (worker["health"], worker["reasons"]) == ("failed", ["failed (exit-code, exit status 3)"])
    said = [line["message"] for line in worker["journal"]]
    assert {"<script>alert(1)</script>", "\\x1b[31mred\\x1b[0m and a bell \\x07", "\\xff\\xfe no text"} <= set(said)
    assert "\\u202eturned round \\u2028 café" in said
    long = [line for line in worker["journal"] if line["message"].startswith("yyy")][-1]
    assert (len(long["message"]), long["cut"]) == (500, True)


def test_drift(run: Run) -> None:
    found = {(each["unit"], each["what"]): (each["majority"] or {}, each["others"]) for each in run.report["drift"]}
    majority, others = found["report_web.service", "release"]
    assert majority == {"value": run.unit(OLDEST, "report_web.service")["release"], "hosts": 2}
    assert others == [{"value": run.unit(NEWEST, "report_web.service")["release"], "hosts": [NEWEST]}]
    assert found["report_clock.timer", "enabled"] == (
        {"value": "enabled", "hosts": 2},
        [{"value": "disabled", "hosts": [NEWEST]}],
    )
    assert {what for unit, what in found if unit == "report_clock.timer"} == {"enabled", "state"}
    (stack,) = next(host["stacks"] for host in run.report["hosts"] if host["name"] == NEWEST)
    assert stack["modified"] == [
        "/etc/systemd/system/report_clock.timer",
        "/etc/systemd/system/timers.target.wants/report_clock.timer",
    ]


def test_the_table(run: Run) -> None:
    lines = run.done.stdout.splitlines()
    assert all(len(line) <= 120 for line in lines[lines.index(next(line for line in lines if line.startswith("STACK "))) :])
    assert "1 host unreachable, 1 unit failed, " in run.done.stdout
    assert re.search(rf"^{BETWEEN} +report_worker\.service +failed \(exit-code, exit status 3\)$", run.done.stdout, re.MULTILINE)
    assert "\x1b" not in run.done.stdout


def test_files_are_their_owners(run: Run) -> None:
    names = sorted(path.name for path in run.folder.iterdir())
    assert names == ["report.html", "report.json"]
    assert {(run.folder / name).stat().st_mode & 0o777 for name in names} == {0o600}


def test_nothing_is_written_in_check_mode(tmp_path: Path) -> None:
    done = run_playbook(tmp_path, "--check", "--limit", OLDEST)
    assert (done.returncode, list(tmp_path.iterdir())) == (0, []), done.stdout
    assert "All is well (1 host, 7 units," in done.stdout


def test_it_can_fail_for_those_who_automate_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("old")
    page.chmod(0o644)
    arguments = ["-e", '{"report_strict": true, "report_html": "page.html", "report_target": "between"}']
    done = run_playbook(tmp_path, *arguments)
    assert done.returncode == 2
    assert "Not all is well: 1 unit failed, 1 unit of no stack failed." in done.stdout + done.stderr
    assert (page.read_text()[:15], page.stat().st_mode & 0o777) == ("<!DOCTYPE html>", 0o644)


# The page


def rows(browser: Any) -> list[str]:
    return browser.texts("#rows tr")


def test_nothing_of_hosts_has_run(browser: Any) -> None:
    assert browser.run("return [document.documentElement.dataset.ready, typeof window.broken]") == ["yes", "undefined"]
    assert "<script>alert(1)</script>" in browser.texts(".journal span")
    assert browser.run("return document.querySelectorAll('script, style, img, iframe, b > *').length") == 3
    assert GONE in browser.texts(".names .name")
    assert any("</script><script>window.broken = 1</script><!--" in text for text in browser.texts(".card .about"))


def test_nothing_is_loaded(browser: Any, run: Run) -> None:
    assert browser.requests() in ([(run.folder / "report.html").as_uri()], [(run.folder / "report.html").as_uri(), "data:,"])


def test_what_a_person_sees_first(browser: Any) -> None:
    (headline,), (others,) = browser.texts("h1"), browser.texts("#others")
    assert headline == "1 host unreachable, 1 unit failed"
    assert "3 units have drifted" in others
    assert browser.texts("#trouble .card h3") == ["1 host\nunreachable", "report_worker.service\nfailed"]
    assert any(text.startswith("runs release") and NEWEST in card for card, text in drift_cards(browser))


def drift_cards(browser: Any) -> list[tuple[str, str]]:
    cards = browser.texts("#drift .card")
    return list(zip(cards, browser.texts("#drift .card > p:nth-of-type(2)")))


def test_search(browser: Any) -> None:
    assert len(rows(browser)) == 3 * len(UNITS)
    browser.find("#search").type(f"{BETWEEN} WORKER")
    (row,) = rows(browser)
    assert "Failed" in row
    assert browser.texts("#found") == ["1 of 21 units"]
    browser.find("#search").type("nothing has this")
    assert rows(browser) == ["No unit fits."]
    browser.find("#clear").click()
    assert len(rows(browser)) == 21


def test_filters(browser: Any) -> None:
    browser.find(".choice.failed").click()
    assert len(rows(browser)) == 1
    browser.find(".choice.differs").click()
    assert {line for row in rows(browser) for line in row.split("\n") if line.startswith("debian")} <= {NEWEST}
    assert browser.texts("#states b") == ["21", "1", "0", "3", "17"]
    browser.find(".choice.all").click()
    browser.find("#group").type("web")
    assert len(rows(browser)) == 14
    browser.find(".square.failed").click()  # shows the host, and clears the rest
    assert len(rows(browser)) == 7
    browser.find("#clear").click()


def test_sort(browser: Any) -> None:
    def hosts() -> list[str]:
        return browser.texts("#rows td:nth-child(2)")

    browser.find("#titles th:nth-child(2) button").click()
    assert hosts() == sorted(hosts())
    browser.find("#titles th:nth-child(2) button").click()
    assert hosts() == sorted(hosts(), reverse=True)
    assert browser.run("return document.querySelector('#titles th:nth-child(2)').ariaSort") == "descending"
    browser.find("#titles th:nth-child(1) button").click()
    assert "Failed" in rows(browser)[0]


def test_keyboard(browser: Any) -> None:
    browser.run("document.activeElement.blur()")
    browser.keys("/")
    assert browser.run("return document.activeElement.id") == "search"
    browser.run("document.querySelector('.square').focus()")
    browser.keys(["\ue014"])  # to the right
    assert browser.run("return document.activeElement.dataset.host") == BETWEEN
    browser.keys(["\ue007"])
    assert browser.texts("#found") == [f"7 of 21 units · host {BETWEEN}"]
    browser.find("#clear").click()
    controls = "[...document.querySelectorAll('button, input, select')]"
    assert browser.run(f"return {controls}.filter((e) => !e.innerText && !e.ariaLabel && !e.labels?.length).length") == 0


@pytest.mark.parametrize("prefers_dark", [False, True], ids=["light", "dark"])
def test_light_and_dark(browser: Any, prefers_dark: bool) -> None:
    def brightness() -> int:
        return browser.run("return Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")

    browser.run("localStorage.clear(); delete document.documentElement.dataset.theme")
    browser.dark(prefers_dark)
    assert (brightness() < 128) == prefers_dark
    browser.find("#theme").click()
    assert (brightness() < 128) != prefers_dark
    browser.find("#theme").click()
    assert (brightness() < 128) == prefers_dark


# WCAG 2.2, 1.4.3: what is read must stand out from what it stands on.
CONTRAST = """
const lightness = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor;
    if (!/, 0\\)$|transparent/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
};
return [...document.querySelectorAll("main *, header *")]
  .filter((each) => !each.closest("svg") && !each.disabled)
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((each) => {
    const [a, b] = [lightness(getComputedStyle(each).color), lightness(ground(each))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), each.className, each.textContent.slice(0, 30)];
  })
  .filter(([contrast]) => contrast < 4.5);
"""


@pytest.mark.parametrize("prefers_dark", [False, True], ids=["light", "dark"])
def test_contrast(browser: Any, prefers_dark: bool) -> None:
    browser.run("localStorage.clear(); delete document.documentElement.dataset.theme")
    browser.dark(prefers_dark)
    assert browser.run(CONTRAST) == []


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_it_fits(browser: Any, width: int) -> None:
    browser.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    assert browser.run("return document.documentElement.scrollWidth") <= width


def test_pictures(browser: Any) -> None:
    assert browser.texts(".picture h3") == ["report_shop"]
    boxes = browser.run("return [...document.querySelectorAll('.box title')].map((each) => each.textContent.split('\\n')[0])")
    assert boxes == UNITS
    arrows = browser.run(
        "return [...document.querySelectorAll('.picture .arrow title')].flatMap((each) => each.textContent.split('\\n'))"
    )
    assert "report_web.socket triggers report_web.service" in arrows
    assert "report_worker.service wants report_queue.service" in arrows


def test_the_browser_has_nothing_to_complain_about(browser: Any) -> None:
    """Comes last."""
    assert browser.console() == []
