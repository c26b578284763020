# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same content is the same release, and what is run of it does not matter."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired import venv_commands
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import Build
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.expand import expand
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.unit_drafts import Host

from .._declaration.test_application import HOUSE, TREE, WHEEL
from ..builders import SCOPE, desired, document_of, script, stack

SHOP: dict[str, Any] = {"source": TREE, "requirements": ["flask", "gunicorn"], "command": "gunicorn", "wheelhouse": HOUSE}


def build_of(python: str = "/usr/bin/python3.13", **options: Any) -> Build:
    host = Host({"python3": "/usr/bin/python3"}, real_interpreters={"python3": python})
    return expand(stack(daemons={"shop": options}), SCOPE, host).builds[0]


def other(kind: str, sha256: str = "9" * 64, name: str = "other.tar") -> dict[str, Any]:
    return {kind: {"name": name, "sha256": sha256, "size": 7}}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"args": ["--workers", "2"]}, id="arguments"),
        pytest.param({"command": None, "module": "shop"}, id="entry"),
        pytest.param({"imports": ["shop"]}, id="imports"),
        pytest.param({"environment": {"A": "1"}, "user": "shop"}, id="environment and user"),
        pytest.param({"requirements": ["gunicorn  # a server", "", "flask"]}, id="order and comments"),
        pytest.param({"source": other("tree", "1" * 64)}, id="name of the folder"),
    ],
)
def test_same_release(changes: dict[str, Any]) -> None:
    assert build_of(**{**SHOP, **changes}).path == build_of(**SHOP).path


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"source": other("tree")}, id="source"),
        pytest.param({"source": WHEEL}, id="kind"),
        pytest.param({"requirements": ["flask", "gunicorn==23"]}, id="requirement"),
        pytest.param({"wheelhouse": None}, id="no wheelhouse"),
        pytest.param({"wheelhouse": {"remote": "/srv/wheels"}}, id="remote wheelhouse"),
        pytest.param({"wheelhouse": {"wheels": [{**HOUSE["wheels"][0], "sha256": "8" * 64}]}}, id="wheel"),
        pytest.param({"python": "/usr/bin/python3.9"}, id="interpreter"),
    ],
)
def test_another_release(changes: dict[str, Any]) -> None:
    assert build_of(**{**SHOP, **changes}).path != build_of(**SHOP).path


def test_interpreter_matters_to_an_environment_only() -> None:
    plain = {"source": TREE, "script": "serve.py"}
    assert build_of("/usr/bin/python3.9", **plain).path == build_of("/usr/bin/python3.13", **plain).path


def test_script_alone_is_no_build() -> None:
    assert desired(daemons={"shop": {"script": script()}}).builds == ()


@pytest.mark.parametrize(
    ("options", "command", "directory"),
    [
        pytest.param({**SHOP, "args": "a b"}, "{venv}/bin/gunicorn a b", "{path}/source", id="command"),
        pytest.param({"source": WHEEL, "module": "shop"}, "{venv}/bin/python -m shop", "", id="module of a wheel"),
        pytest.param({"source": TREE, "module": "shop"}, "/usr/bin/python3 -m shop", "{path}/source", id="module of a tree"),
        pytest.param(
            {"source": TREE, "script": "bin/a.py"},
            "/usr/bin/python3 {path}/source/bin/a.py",
            "{path}/source",
            id="script of a tree",
        ),
        pytest.param(
            {"script": script(), "requirements": ["a"]}, "{venv}/bin/python {path}/source/echo.py", "{path}/source", id="script"
        ),
        pytest.param({**SHOP, "working_directory": "/srv"}, "{venv}/bin/gunicorn", "/srv", id="its own directory"),
    ],
)
def test_what_is_run(options: dict[str, Any], command: str, directory: str) -> None:
    wanted = desired(daemons={"shop": options})
    path = wanted.builds[0].path
    names = {"path": path, "venv": f"{path}/venv"}
    document = document_of(wanted, "shop.service")
    assert document.values("Service", "ExecStart") == (command.format(**names),)
    assert document.values("Service", "WorkingDirectory") == ((directory.format(**names),) if directory else ())


# How it is made

PLAIN = replace(build_of(**SHOP), wheels=())
PIP = ["{venv}/bin/python", "-I", "-m", "pip", "--disable-pip-version-check", "--no-input"]
INSTALL = [
    *(*PIP, "install", "--quiet", "--no-cache-dir", "--no-compile", "--no-warn-script-location"),
    *("--only-binary", ":all:"),
]
LISTED = ["--requirement", "{path}/requirements.txt"]
FROM = ["--no-index", "--find-links", "{path}/wheelhouse"]
HASHED = {**SHOP, "requirements": ["flask==3 --hash=sha256:aa"]}


@pytest.mark.parametrize(
    ("build", "uv", "expected"),
    [
        pytest.param(
            PLAIN, "", [["/usr/bin/python3", "-I", "-m", "venv", "{venv}"], [*INSTALL, *LISTED], [*PIP, "check"]], id="pip"
        ),
        pytest.param(
            PLAIN,
            "/usr/bin/uv",
            [
                ["/usr/bin/uv", "venv", "--quiet", "--python", "/usr/bin/python3", "{venv}"],
                [
                    *("/usr/bin/uv", "pip", "install", "--python", "{venv}/bin/python", "--quiet"),
                    *("--only-binary", ":all:", *LISTED),
                ],
                ["/usr/bin/uv", "pip", "check", "--python", "{venv}/bin/python"],
            ],
            id="uv",
        ),
        pytest.param(build_of(**SHOP), "", [None, [*INSTALL, *FROM, *LISTED], None], id="wheelhouse"),
        pytest.param(
            build_of(**SHOP, build_from_source=True), "", [None, [*INSTALL[:-2], *FROM, *LISTED], None], id="of its source, too"
        ),
        pytest.param(
            build_of(**{**SHOP, "wheelhouse": {"remote": "/srv/wheels"}}),
            "",
            [None, [*INSTALL, "--no-index", "--find-links", "/srv/wheels", *LISTED], None],
            id="remote wheelhouse",
        ),
        pytest.param(build_of(**HASHED), "", [None, [*INSTALL, *FROM, "--require-hashes", *LISTED], None], id="hashes"),
        pytest.param(
            build_of(source=WHEEL, module="shop"),
            "",
            [None, [*INSTALL, "{path}/wheelhouse/shop-1-py3-none-any.whl"], None],
            id="wheel with its own requirements",
        ),
        pytest.param(
            build_of(**{**HASHED, "source": WHEEL, "wheelhouse": None}),
            "",
            [
                None,
                [*INSTALL, "--require-hashes", *LISTED],
                [*INSTALL, "--no-index", "--no-deps", "{path}/wheelhouse/shop-1-py3-none-any.whl"],
                None,
            ],
            id="wheel with hashed requirements",
        ),
    ],
)
def test_steps(build: Build, uv: str, expected: list[list[str] | None]) -> None:
    found = [step.command for step in venv_commands.steps(build, uv)]
    assert len(found) == len(expected)
    for command, wanted in zip(found, expected):
        assert wanted is None or command == [word.format(path=build.path, venv=build.venv) for word in wanted]
