# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of one run goes: on the controller by the parts of Ansible, on the host by its commands and its Python."""

from __future__ import annotations

import json
import os
import pstats
import re
import subprocess
import tempfile
import time
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Callable

import containers
from contenders import CONTENDERS, environment, write_inventories
from measuring import measure
from workload import workload, write

PROBES = Path(__file__).parent / "probes"
HOST = "node01"
TIMES = 5


def profile(daemons: int, step: str) -> None:
    """step: one of contenders.STEPS, `first` or `same`."""
    ours = CONTENDERS[0]
    work = workload(daemons)
    env = environment(ours, 1)

    def prepare() -> None:
        """The host as a run of this step finds it."""
        if step == "first":
            containers.clean(1, work)

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write(work, folder)
        write_inventories([HOST], folder)
        containers.clean(1, work)
        measure(ours.steps["first"], env, folder, folder / "log")
        for is_deep in (False, True):
            probe = folder / f"probe-{is_deep}"
            probe.mkdir()
            more = {"FLEET_PROBE": str(probe), "PYTHONPATH": str(PROBES / "controller")}
            prepare()
            begin = time.time()
            measure(ours.steps[step], {**env, **more, **({"FLEET_PROBE_DEEP": "1"} if is_deep else {})}, folder, folder / "log")
            if is_deep:
                _tell_deep(probe)
            else:
                _tell_spans(probe, begin, time.time())
                calls = [path.read_bytes() for path in sorted(probe.glob("call-*"))]
        for number, call in enumerate(calls, 1):
            _tell_call(number, call, prepare)
        containers.clean(1, work)


def _tell_spans(probe: Path, begin: float, end: float) -> None:
    spans = [json.loads(line) for line in (probe / "spans").read_text().splitlines()]
    print("== Controller: what ran from when to when, in seconds since the start of ansible-playbook; several processes\n")
    for span in sorted(spans, key=lambda each: (each["begin"], -each["end"])):
        start, stop = span["begin"] - begin, span["end"] - begin
        print(f"{start:6.3f} → {stop:6.3f}  {stop - start:6.3f}  {span['name']}")
    print(f" 0.000 → {end - begin:6.3f}  {end - begin:6.3f}  all\n")


def _tell_deep(probe: Path) -> None:
    for path in sorted(probe.glob("*.prof"), key=lambda each: int(each.stem)):
        out = StringIO()
        stats = pstats.Stats(str(path), stream=out)
        stats.sort_stats("tottime").print_stats(8)
        stats.sort_stats("cumulative").print_stats("ansible", 40)
        print(f"== Controller: process {path.stem}, by cProfile, which makes calls look dearer than they are")
        print(_shortened(out.getvalue()))


def _tell_call(number: int, call: bytes, prepare: Callable[[], None]) -> None:
    """Do again on the host, without ssh, what Ansible did there."""
    command, _zero, data = call.partition(b"\0")
    # A Python that is isolated would not load the probe.
    words = re.sub(r"(python[\d.]*) -[IEsS]+ ", r"\1 ", command.decode())
    print(f"== Host: call {number}, {len(data)} bytes sent to: {command.decode()[:200]}\n")
    walls = []
    for _time in range(TIMES):
        prepare()
        walls.append(_timed(command.decode(), data))
    bare = median(_timed("true", b"") for _time in range(TIMES))
    python = median(_timed("/usr/bin/python3 -c pass", b"") for _time in range(TIMES))
    print(f"{median(walls) - bare:.3f} s (median of {TIMES}), of which a Python that does nothing takes {python - bare:.3f} s\n")
    prepare()
    done = _run(words, data, "PYTHONPROFILEIMPORTTIME=1")
    print(f"Imports, the largest by cumulative ms:\n{_imports(done.stderr.decode(errors='replace'))}\n")
    for settings in ((), ("FLEET_PROBE_DEEP=1",)):
        prepare()
        _send_probe()
        done = _run(words, data, "PYTHONPATH=/tmp/fleet-probe", "FLEET_PROBE=/tmp/fleet-probe/told", *settings)
        print(_shortened(containers.in_container(HOST, "cat /tmp/fleet-probe/told; rm -r /tmp/fleet-probe")))
    print(f"Its answer begins with: {(done.stdout + done.stderr).decode(errors='replace').strip()[:200]}\n")


def _run(command: str, data: bytes, *variables: str) -> subprocess.CompletedProcess[bytes]:
    settings = [word for variable in variables for word in ("--env", variable)]
    words = ["podman", "exec", "-i", *settings, f"{os.environ['DAEMONIC_BED']}-{HOST}", "sh", "-c", command]
    return subprocess.run(words, input=data, capture_output=True, check=False)


def _timed(command: str, data: bytes) -> float:
    begin = time.monotonic()
    _run(command, data)
    return time.monotonic() - begin


def _send_probe() -> None:
    code = (PROBES / "node" / "sitecustomize.py").read_bytes()
    _run("mkdir -p /tmp/fleet-probe && cat >/tmp/fleet-probe/sitecustomize.py", code)


def _imports(text: str) -> str:
    """The lines of -X importtime that cost most, with all that they import in turn."""
    rows = re.findall(r"^import time:\s+(\d+) \|\s+(\d+) \| (\s*)(\S+)$", text, re.MULTILINE)
    rows.sort(key=lambda row: -int(row[1]))
    told = [f"{int(whole) / 1000:7.1f}  (itself {int(own) / 1000:5.1f})  {name}" for own, whole, _bar, name in rows[:25]]
    return "\n".join([*told, f"{len(rows)} modules, {sum(int(row[0]) for row in rows) / 1000:.1f} ms"])


def _shortened(text: str) -> str:
    return re.sub(r"/\S*/(site-packages|ansible_collections|lib/python3[\d.]*|\S+\.zip)/", "…/", text)
