# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release is in use when any process runs from it, in whichever way."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.processes import processes_in

WAIT = "import sys; print('ready', flush=True); sys.stdin.read()"


@pytest.mark.parametrize("how", ["command line", "working directory", "program", "mapped file"])
def test_a_process_uses_the_release_from_which_it_runs(tmp_path: Path, how: str) -> None:
    release, other = tmp_path / "shop" / "releases" / "0123456789abcdef", tmp_path / "shop" / "releases" / "0123456789abcdee"
    (release / "source").mkdir(parents=True)
    other.mkdir()
    program, code, here = sys.executable, WAIT, "/"
    argv = [program, "-c", code]
    if how == "command line":
        argv.append(str(release / "source" / "shop.py"))
    elif how == "working directory":
        here = str(release / "source")
    elif how == "program":
        argv = [str(shutil.copy("/bin/cat", release / "source" / "cat"))]
    else:
        (release / "source" / "data.so").write_bytes(b"x" * 4096)
        opening = "import mmap, os; m = mmap.mmap(os.open(os.environ['MAPPED'], os.O_RDWR), 0)"
        argv = [program, "-c", f"{opening}; {code}"]
    environment = {"MAPPED": str(release / "source" / "data.so")}
    with subprocess.Popen(argv, cwd=here, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if how != "program":
            assert process.stdout is not None
            process.stdout.readline()
        found = processes_in([str(release), str(other)])
        assert process.stdin is not None
        process.stdin.close()
    assert list(found) == [str(release)]
    assert found[str(release)].endswith(f"({process.pid})")
    assert processes_in([str(release)]) == {}
