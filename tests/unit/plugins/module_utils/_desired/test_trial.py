# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that tries a release, run as the host runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.trial import environment_in
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.venv_commands import TRY

from ..builders import daemon, desired


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "shop" / "web").mkdir(parents=True)
    for name in ("__init__", "__main__", "server"):
        (tmp_path / "shop" / f"{name}.py").write_text("")
    (tmp_path / "shop" / "web" / "__init__.py").write_text("import nosuch_thing\n")
    (tmp_path / "serve.py").write_text("print(1)\n")
    (tmp_path / "broken.py").write_text("x = 1\nprint 1\n")
    (tmp_path / "where.py").write_text("import os, sys\nassert os.getcwd() == sys.path[0] == os.path.dirname(__file__)\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["script", "serve.py"], "", id="script"),
        pytest.param(["script", "nosuch.py"], "there is no file nosuch.py in the source", id="no script"),
        pytest.param(["script", "broken.py"], "broken.py does not compile: line 2: ", id="script with an error"),
        pytest.param(["module", "shop"], "", id="package"),
        pytest.param(["module", "shop.server"], "", id="module"),
        pytest.param(["module", "json.tool"], "", id="module of the library"),
        pytest.param(["module", "nosuch"], "there is no module nosuch that can be run", id="no module"),
        pytest.param(["module", "nosuch.server"], "there is no module nosuch.server that can be run", id="no package"),
        pytest.param(["module", "email"], "there is no module email that can be run", id="package without __main__"),
        pytest.param(["command", Path(sys.executable).name], "", id="command"),
        pytest.param(["command", "nosuch"], "no requirement has brought the command nosuch", id="no command"),
        pytest.param(["script", "serve.py", "json", "shop.server"], "", id="imports"),
        pytest.param(["script", "serve.py", "where"], "", id="imports where the daemon runs"),
        pytest.param(["script", "serve.py", "nosuch"], "No module named 'nosuch'", id="import of nothing"),
        pytest.param(["script", "serve.py", "shop.web"], "No module named 'nosuch_thing'", id="import that fails"),
    ],
)
def test_trial(source: Path, arguments: list[str], says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(source), *arguments], capture_output=True, text=True, check=False, cwd=source
    )
    assert bool(done.returncode) is bool(says), done.stderr
    assert says in (done.stderr.splitlines() or [""])[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("A=b\n# c\n; d\n\nB = c \n", {"A": "b", "B": "c"}, id="comments and blanks"),
        pytest.param("A=\"b # c\"\nB='d e'\n", {"A": "b # c", "B": "d e"}, id="quotes"),
        pytest.param('A="b\nc"\nB=d', {"A": "b\nc", "B": "d"}, id="quotes over lines"),
        pytest.param("A=b\\\nc\n", {"A": "bc"}, id="continued"),
        pytest.param('A="b\\"c\\$d\\n"\n', {"A": 'b"c$d\\n'}, id="escapes in quotes"),
        pytest.param("A=b\\ c\n", {"A": "b c"}, id="escape"),
        pytest.param("export A=b\nB\n1C=d\n", {}, id="no assignments"),
        pytest.param("A=b # c\nA=$HOME\n", {"A": "$HOME"}, id="the last one, and no shell"),
    ],
)
def test_environment_file(text: str, expected: dict[str, str]) -> None:
    assert environment_in(text) == expected


def test_a_release_is_tried_with_what_its_service_gives_it() -> None:
    found = desired(
        files={"/etc/shop.env": {"content": "A=1\n"}},
        daemons={
            "shop": daemon(
                imports=["json"],
                user="www-data",
                environment={"B": "50%", "C": "x y"},
                credentials={"key": "s3cret-key"},
                working_directory="/srv/%p",
                service={
                    "EnvironmentFile": ["-/etc/default/%n", "/etc/shop.env"],
                    "LoadCredential": "other:/etc/other",
                    "StateDirectory": "shop",
                    "SupplementaryGroups": "video audio",
                },
            )
        },
    )
    trial = found.builds[0].trial
    assert trial is not None
    assert {"B": "50%", "C": "x y"}.items() <= trial.environment.items()
    assert [(file.path, file.is_optional) for file in trial.environment_files] == [
        ("/etc/default/shop.service", True),
        ("/etc/shop.env", False),
    ]
    assert trial.environment_files[1].written["/etc/shop.env"] == b"A=1\n"
    assert trial.credentials == {"key": b"s3cret-key"}
    assert trial.credential_files == {"other": ("/etc/other", False)}
    assert trial.directories == {"STATE_DIRECTORY": ("/var/lib/shop",)}
    assert (trial.directory, trial.who.user, trial.who.groups) == ("/srv/shop", "www-data", ("video", "audio"))
    assert "s3cret-key" not in repr(found)
