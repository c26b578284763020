# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is interrupted leaves nothing behind: real processes, real signals."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.tests.bed.suite import processes
from ansible_collections.daemonic.systemd.tests.bed.suite.steps import (
    LONGER,
    USUAL,
    Durations,
    Step,
    following,
    following_without_bed,
)

# A shell whose child has a session of its own and writes its ID to a file; the child ends only when it is killed.
DEAF = "setsid bash -c 'trap \"\" TERM; echo $$ >{file}; while :; do sleep 1; done' & wait"


def wait_for(path: Path) -> str:
    while not (path.exists() and path.read_text(encoding="utf-8").strip()):
        time.sleep(0.01)
    return path.read_text(encoding="utf-8").strip()


def test_a_process_ends_with_all_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.2)
    with subprocess.Popen(["bash", "-c", DEAF.format(file=tmp_path / "pid")]) as process:
        child = int(wait_for(tmp_path / "pid"))
        assert child in processes.below([process.pid])
        processes.end([process.pid])
    while processes.below([child]):  # what the signal has not reached yet
        time.sleep(0.01)


def test_a_process_may_clean_up(tmp_path: Path) -> None:
    script = f"trap 'echo clean >{tmp_path}/end; exit' TERM; echo $$ >{tmp_path}/pid; sleep 99 & wait"
    with subprocess.Popen(["bash", "-c", script]) as process:
        wait_for(tmp_path / "pid")
        processes.end([process.pid])
    assert (tmp_path / "end").read_text(encoding="utf-8") == "clean\n"


SUITE = """
import sys
from pathlib import Path
from ansible_collections.daemonic.systemd.tests.bed.suite import run, steps
root = Path(sys.argv[1])
runner = run.Runner(root, 1, steps.Durations(root / "durations"))
runner.run([steps.Step("killed", ("scenario",), ("x",)), steps.Step("later", ("later",))])
"""


def test_a_run_that_is_interrupted_ends_its_steps_and_removes_its_beds(tmp_path: Path) -> None:
    dev = tmp_path / "dev"
    dev.write_text(f'#!/bin/bash\necho "$*" >>{tmp_path}/calls\n[[ $1 == down ]] || exec sleep 99\n', encoding="utf-8")
    dev.chmod(0o755)
    with subprocess.Popen([sys.executable, "-c", SUITE, str(tmp_path)], stderr=subprocess.PIPE) as suite:
        wait_for(tmp_path / "calls")
        suite.send_signal(signal.SIGINT)
        suite.communicate()
    assert suite.returncode
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert calls == ["scenario --bed test-1 --hosts x", "down --bed test-1"]


def test_what_took_longest_last_time_begins_first(tmp_path: Path) -> None:
    fast, slow, other = (Step(name, (), ("x",)) for name in ("fast", "slow", "other"))
    durations = Durations(tmp_path / "durations.json")
    assert durations.expected(fast) == USUAL
    assert durations.expected(Step("killed on a b c", ())) == LONGER["killed"]
    durations.note(slow, 70.0)
    durations.note(fast, 9.0)
    again = Durations(tmp_path / "durations.json")
    assert following([fast, other, slow], (), again) == slow


def test_a_bed_goes_on_with_its_hosts_where_that_delays_nothing_long(tmp_path: Path) -> None:
    durations = Durations(tmp_path / "durations.json")
    here, there, long = Step("a", (), ("x",)), Step("b", (), ("y",)), Step("killed", (), ("y",))
    assert following([there, here], ("x",), durations) == here
    assert following([here, long], ("x",), durations) == long


def test_steps_without_a_bed_are_for_the_worker_without_one(tmp_path: Path) -> None:
    durations = Durations(tmp_path / "durations.json")
    lint, bare, deploy = Step("lint", ()), Step("bare", ()), Step("deploy", (), ("x",))
    assert following([lint, bare, deploy], (), durations) == deploy
    assert following([lint, bare], ("x",), durations) == bare
    assert following([], ("x",), durations) is None
    assert following_without_bed([deploy, lint, bare], durations) == bare
    assert following_without_bed([deploy], durations) is None


def test_a_spoilt_note_is_none(tmp_path: Path) -> None:
    (tmp_path / "durations.json").write_text("{", encoding="utf-8")
    assert Durations(tmp_path / "durations.json").expected(Step("x", ())) == USUAL
