# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs a script has as much power as the script."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._checks.trusted_paths import Use
from ansible_collections.daemonic.systemd.plugins.module_utils._host.preflight.shebangs import with_interpreters

from ..builders import desired


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param("#!/srv/app/python -I", ["/srv/app/python"], id="interpreter"),
        pytest.param("#! /usr/bin/env -S python3 -I", ["/usr/bin/env", "python3"], id="env"),
        pytest.param("#!/{folder}/other", ["/{folder}/other", "/srv/last"], id="a script itself"),
        pytest.param("\x7fELF", [], id="binary"),
        pytest.param("#!", [], id="nothing"),
    ],
)
def test_interpreters(tmp_path: Path, line: str, found: list[str]) -> None:
    folder = str(tmp_path).lstrip("/")
    (tmp_path / "other").write_text("#!/srv/last\n")
    (tmp_path / "run").write_text(line.format(folder=folder) + "\n")
    uses = with_interpreters([Use(str(tmp_path / "run"), "a", "root runs it for a.service")], desired(), "")
    assert [use.path for use in uses][1:] == [path.format(folder=folder) for path in found]


def test_a_file_that_is_written_now_counts_as_it_will_be(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("#!/srv/old\n")
    wanted = desired(files={str(tmp_path / "run"): {"content": "#!/srv/new\n"}})
    uses = with_interpreters([Use(str(tmp_path / "run"), "a", "root runs it for a.service")], wanted, "")
    assert [use.path for use in uses][1:] == ["/srv/new"]


def test_what_is_no_file_names_no_interpreter_and_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("#!/srv/app/python\n")
    os.mkfifo(tmp_path / "pipe")
    uses = [
        Use(str(tmp_path / "env"), "a", "root takes its environment from it for a.service"),
        Use(str(tmp_path / "pipe"), "a", "root runs it for a.service"),
        Use(str(tmp_path), "a", "root runs it for a.service"),
    ]
    assert with_interpreters(uses, desired(), "") == tuple(uses)


def test_variables_of_an_environment_file_load_code_too(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# PYTHONHOME=/no\nPYTHONPATH='/srv/app/:lib'\nSTATE=/srv\n")
    use = Use(str(tmp_path / "env"), "a", "root takes its environment from it for a.service")
    (_file, loaded) = with_interpreters([use], desired(), "")
    assert (loaded.path, loaded.how) == ("/srv/app", f"root loads code from it (PYTHONPATH in {use.path}) for a.service")
