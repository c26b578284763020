# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./dev test runs: every scenario on three hosts, and with --changed no less than a change can affect."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.tests.bed.suite import affected, steps
from ansible_collections.daemonic.systemd.tests.bed.suite.run import count

ROOT = Path(__file__).parents[3]
TREE = affected.Tree(ROOT)
KNOWN = sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml") if path.parent.name != "default")
NAMES = [*(step.name for step in steps.STEPS), *KNOWN]


def test_each_scenario_has_the_oldest_and_the_newest_systemd_and_one_between() -> None:
    found = {step.name: step.hosts for step in steps.scenarios(KNOWN, KNOWN, [])}
    assert set(found) == set(KNOWN)
    trios = {hosts for name, hosts in found.items() if not name.startswith("fleet_")}
    assert trios == {(steps.OLDEST, between, steps.NEWEST) for between in steps.BETWEEN}


def test_on_all_versions_each_scenario_has_them_all() -> None:
    found = steps.scenarios(["deploy", "unit"], KNOWN, steps.ALL_VERSIONS)
    hosts = [step.hosts for step in found if step.command == ("scenario", "deploy")]
    assert {host for trio in hosts for host in trio} == {steps.OLDEST, *steps.BETWEEN, steps.NEWEST}
    assert len({step.name for step in found}) == len(found) == 4


def test_the_hosts_are_those_of_the_bed() -> None:
    text = (ROOT / "tests" / "bed" / "env.sh").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("known_hosts=")]
    known = [pair.partition(":")[0] for pair in line.partition("(")[2].rstrip(")").split()]
    assert known == [steps.OLDEST, *steps.BETWEEN, steps.NEWEST]


def test_what_takes_longest_is_something_that_there_is() -> None:
    assert set(steps.LONGER) <= set(NAMES)


@pytest.mark.parametrize(
    ("changed", "can_fail", "cannot"),
    [
        pytest.param("docs/health.md", {"lint", "units newest"}, {"sanity newest", "bare", "deploy"}, id="a page"),
        pytest.param(
            "plugins/module_utils/_host/transaction/apply.py", {*KNOWN, "units 3.8", "sanity oldest"}, set(), id="the writer"
        ),
        pytest.param("plugins/modules/unit_signal.py", {"signals", "examples"}, {"deploy", "wsgi"}, id="a module"),
        pytest.param(
            "plugins/module_utils/_xinetd/config_syntax.py", {"xinetd"}, {"deploy", "report"}, id="a package of one module"
        ),
        pytest.param("roles/wsgi/tasks/main.yml", {"wsgi", "examples"}, {"xinetd", "deploy"}, id="a role"),
        pytest.param("playbooks/tasks/batch.yml", {"fleet_deploy"}, {"deploy"}, id="tasks of a playbook"),
        pytest.param("molecule/unit/converge.yml", {"unit"}, {"deploy", "units newest"}, id="a scenario"),
        pytest.param("tests/integration/unit/test_unit.py", {"unit"}, {"deploy"}, id="its tests"),
        pytest.param("examples/files/echo.py", {"deploy", "bare", "units newest"}, {"xinetd"}, id="an example"),
        pytest.param("tests/bed/up", set(NAMES), set(), id="the bed"),
        pytest.param("tests/integration/conftest.py", set(NAMES), set(), id="what all scenarios share"),
    ],
)
def test_what_a_change_can_affect(changed: str, can_fail: set[str], cannot: set[str]) -> None:
    found = affected.steps(TREE, {changed}, NAMES)
    assert can_fail <= found
    assert not cannot & found


def test_no_change_affects_nothing() -> None:
    assert affected.steps(TREE, set(), NAMES) == set()


@pytest.mark.parametrize(
    ("text", "passed", "failed"),
    [
        pytest.param("5 passed in 1.2s\n", 5, 0, id="pytest, quiet"),
        pytest.param("====== 2 failed, 7 passed in 1.2s ======\n", 7, 2, id="pytest"),
        pytest.param("=== 1 passed, 1 error in 1.2s ===\n== x\n3 passed, 0 failed\n", 4, 1, id="two of them"),
        pytest.param('Running sanity test "a"\nRunning sanity test "b"\nFATAL: The 1 sanity test(s)\n', 1, 1, id="ansible-test"),
        pytest.param("nothing\n", 0, 0, id="nothing"),
    ],
)
def test_count(text: str, passed: int, failed: int) -> None:
    assert count(text) == (passed, failed)
