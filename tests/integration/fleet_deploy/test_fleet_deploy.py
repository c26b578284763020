# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each run over twelve hosts has left of them, told by the containers themselves."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

HOSTS = [f"node{number:02}" for number in range(1, 13)]


@dataclass(frozen=True)
class Run:
    """calls: of the hooks, in order. hosts: name → state, port, generation; invocations: name → that of its service."""

    rc: int
    output: str
    calls: list[tuple[str, str]]
    hosts: dict[str, str]
    invocations: dict[str, str]

    def report(self) -> list[str]:
        """What the run told in the end."""
        rest = self.output.partition("TASK [Tell it]")[2]
        return json.loads(rest[rest.index("{") : rest.index("\n}") + 2])["msg"]

    def line(self, start: str) -> str:
        return next((line for line in self.report() if line.startswith(start)), "")

    def hooks_of(self, host: str) -> list[str]:
        return [call for name, call in self.calls if name == host]


def names(first: int, last: int) -> list[str]:
    return HOSTS[first - 1 : last]


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {path.stem: read(path) for path in (Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "fleet/records").iterdir()}


def read(path: Path) -> Run:
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = [line.split() for line in found["hosts"]]
    calls = found["calls"].split()[1:]
    return Run(
        rc=found["rc"],
        output=found["output"],
        calls=list(zip(calls[::2], calls[1::2])),
        hosts={row[0]: " ".join(row[1:4]) for row in rows},
        invocations={row[0]: row[4] for row in rows},
    )


def changed_between(before: Run, after: Run) -> list[str]:
    return [host for host in HOSTS if before.invocations[host] != after.invocations[host]]


def test_a_first_deployment_reaches_all(runs):
    assert runs["first"].rc == 0
    assert runs["first"].hosts == dict.fromkeys(HOSTS, "active 9961 one")
    assert runs["first"].report()[0] == "12 of 12 hosts run what is declared."


class TestAHostThatFails:
    """node07 is in the third batch: node03 to node08."""

    def test_its_batch_is_as_before_and_what_came_earlier_is_not(self, runs):
        run = runs["failing"]
        new, old = dict.fromkeys(names(1, 2), "active 9962 one"), dict.fromkeys(names(3, 12), "active 9961 one")
        assert (run.rc, run.hosts) == (2, {**new, **old})

    def test_later_batches_were_not_touched(self, runs):
        assert changed_between(runs["first"], runs["failing"]) == names(1, 8)

    def test_the_report_tells_it(self, runs):
        run = runs["failing"]
        assert run.report()[0] == "The run has stopped at batch 3: 1 of 12 hosts failed."
        assert "fleet_echo.service" in run.line("node07 failed: ")
        assert "it has put itself back" in run.line("node07 failed: ")
        assert run.line("Rolled back") == "Rolled back, as they were before this run: node03, node04, node05, node06, node08."
        assert run.line("Run the new version") == "Run the new version now: node01, node02."
        assert run.line("Not touched") == "Not touched: node09, node10, node11, node12."
        assert run.line("Or take them back").endswith("daemonic.systemd.rollback --limit node01,node02")
        assert "OUT OF SERVICE" not in "".join(run.report())

    def test_it_alone_has_failed_for_ansible(self, runs):
        recap = runs["failing"].output.partition("PLAY RECAP")[2].splitlines()
        assert [line.split()[0] for line in recap if "failed=1" in line] == ["node07"]
        fatal = runs["failing"].output.partition("fatal: [node07]: FAILED!")[2].partition("PLAY RECAP")[0]
        assert "Rolled back: the host is as it was before this run." in fatal

    def test_every_host_is_in_service_again(self, runs):
        run = runs["failing"]
        assert [run.hooks_of(host) for host in HOSTS] == [["drained", "undrained"]] * 8 + [[]] * 4

    def test_the_batch_was_drained_before_any_of_it_was_undrained(self, runs):
        order = [call for name, call in runs["failing"].calls if name in names(3, 8)]
        assert order == ["drained"] * 6 + ["undrained"] * 6


class TestAbortByRollback:
    def test_all_are_as_before(self, runs):
        assert runs["aborted"].rc == 2
        assert runs["aborted"].hosts == runs["failing"].hosts

    def test_hosts_of_earlier_batches_were_drained_again(self, runs):
        run = runs["aborted"]
        assert run.hooks_of("node01") == ["drained", "undrained"] * 2
        assert run.hooks_of("node07") == ["drained", "undrained"]
        assert run.hooks_of("node09") == []

    def test_the_report_tells_it(self, runs):
        assert runs["aborted"].line("Rolled back") == "Rolled back, as they were before this run: node01, node02, node06."
        assert not runs["aborted"].line("Run the new version")


def test_the_next_run_finishes_and_leaves_alone_what_is_done(runs):
    run = runs["mended"]
    assert (run.rc, run.hosts) == (0, dict.fromkeys(HOSTS, "active 9962 one"))
    assert changed_between(runs["aborted"], run) == names(3, 12)
    assert run.line("Were deployed already") == "Were deployed already, and were left alone: node01, node02."


def test_a_gate_that_refuses_puts_the_batch_back(runs):
    run = runs["refused_by_gate"]
    assert (run.rc, run.hosts) == (2, runs["mended"].hosts)
    assert changed_between(runs["mended"], run) == names(1, 2)
    assert run.line("node02 failed: ").startswith("node02 failed: deploy_gate: ")


class TestAHostThatCannotBeReached:
    """node03, in the second of three batches: node03 and node04."""

    def test_it_counts_as_failed(self, runs):
        run = runs["unreachable"]
        new, old = dict.fromkeys(names(1, 2), "active 9963 one"), dict.fromkeys(names(3, 12), "active 9962 one")
        assert (run.rc, run.hosts) == (2, {**new, **old})
        assert run.report()[0] == "The run has stopped at batch 2: 1 of 6 hosts failed."
        assert "it could not be reached, and nothing was done to it" in run.line("node03 failed: ")

    def test_none_of_its_batch_was_drained(self, runs):
        """The look before found it; node04 runs what it ran, and is put into service as every such host is."""
        run = runs["unreachable"]
        assert run.hooks_of("node03") == []
        assert run.hooks_of("node04") == ["undrained"]

    def test_none_of_its_batch_was_touched(self, runs):
        assert changed_between(runs["refused_by_gate"], runs["unreachable"]) == names(1, 2)


def test_a_part_of_the_fleet_goes_back(runs):
    run = runs["rolled_back"]
    assert (run.rc, run.hosts) == (0, dict.fromkeys(HOSTS, "active 9962 one"))
    assert changed_between(runs["unreachable"], run) == names(1, 2)
    assert run.line("Went back") == "Went back to the deployment before: node01, node02."
    assert run.hooks_of("node01") == run.hooks_of("node02") == ["drained", "undrained"]
