# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the controller become part of the declaration, each mistake with its place."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.declaration import stack_of
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.problems import Problem, Problems, ValidationFailed
from ansible_collections.daemonic.systemd.plugins.plugin_utils.sources import INLINE_AT_MOST, Sources, with_uploads


class Controller:
    """Files and templates below a temporary directory. A template is its text, with {name} for a variable."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.problems = Problems()
        self.sources = Sources(self.find, self.render, self.problems)
        self.looked_for: list[tuple[str, str]] = []

    def find(self, folder: str, name: str) -> str:
        self.looked_for.append((folder, name))
        path = self.home / folder / name
        if not path.exists():
            raise LookupError(f"Could not find or access '{name}'.\nSearched in: …")
        return str(path)

    def render(self, path: str) -> str:
        return Path(path).read_text().format(name="demo")

    def put(self, path: str, content: bytes) -> None:
        (self.home / path).parent.mkdir(exist_ok=True)
        (self.home / path).write_bytes(content)

    def found(self) -> list[Problem]:
        try:
            self.problems.raise_if_any()
        except ValidationFailed as refused:
            return list(refused.problems)
        return []


@pytest.fixture
def controller(tmp_path: Path) -> Controller:
    made = Controller(tmp_path)
    made.put("files/echo.py", b"print('echo')\n")
    made.put("templates/a.conf.j2", b"name={name}\n")
    made.put("templates/bad.j2", b"{nosuch}\n")
    made.put("files/logo.png", b"\x89PNG\xff\x00")
    made.put("files/large.bin", b"x" * (INLINE_AT_MOST + 1))
    made.put("files/edge.bin", b"x" * INLINE_AT_MOST)
    return made


def resolved(controller: Controller, option: str, entry: Any) -> Any:
    return controller.sources.of_stack({option: {"it": entry}})[option]["it"]


LARGE = {"name": "large.bin", "sha256": hashlib.sha256(b"x" * (INLINE_AT_MOST + 1)).hexdigest(), "size": INLINE_AT_MOST + 1}


@pytest.mark.parametrize(
    ("option", "entry", "expected"),
    [
        pytest.param(
            "daemons", {"script": "echo.py"}, {"script": {"name": "echo.py", "content": "print('echo')\n"}}, id="script"
        ),
        pytest.param("files", {"src": "echo.py"}, {"content": {"name": "echo.py", "content": "print('echo')\n"}}, id="src"),
        pytest.param(
            "units",
            {"template": "a.conf.j2", "enabled": True},
            {"content": {"name": "a.conf.j2", "content": "name=demo\n"}, "enabled": True},
            id="template",
        ),
        pytest.param("files", {"src": "logo.png"}, {"content": {"name": "logo.png", "base64": "iVBOR/8A"}}, id="binary"),
        pytest.param("files", {"src": "large.bin"}, {"content": LARGE}, id="large"),
        pytest.param("daemons", {"script": "large.bin"}, {"script": LARGE}, id="large script"),
        pytest.param("files", {"content": "text", "mode": "0600"}, {"content": "text", "mode": "0600"}, id="content"),
        pytest.param("files", {"content": ""}, {"content": ""}, id="empty content"),
        pytest.param("files", "text", "text", id="text"),
        pytest.param("units", {"Unit": {"Description": "x"}}, {"Unit": {"Description": "x"}}, id="sections"),
        pytest.param(
            "daemons", {"script": {"name": "a.py", "content": ""}}, {"script": {"name": "a.py", "content": ""}}, id="read already"
        ),
        pytest.param("daemons", ["no", "mapping"], ["no", "mapping"], id="no entry at all"),
    ],
)
def test_entry(controller: Controller, option: str, entry: Any, expected: Any) -> None:
    found = resolved(controller, option, entry)
    assert (
        {key: value for key, value in found.items() if value is not None} == expected
        if isinstance(found, dict)
        else found == expected
    )
    assert controller.found() == []


def test_file_of_just_the_limit_travels_at_once(controller: Controller) -> None:
    assert len(resolved(controller, "files", {"src": "edge.bin"})["content"]["content"]) == INLINE_AT_MOST
    assert controller.sources.large == {}


def test_large_file_is_remembered_by_its_digest(controller: Controller) -> None:
    resolved(controller, "files", {"src": "large.bin"})
    assert controller.sources.large == {LARGE["sha256"]: str(controller.home / "files" / "large.bin")}


def test_folders_are_those_of_ansible(controller: Controller) -> None:
    controller.sources.of_stack(
        {"daemons": {"a": {"script": "echo.py"}}, "units": {"b": {"src": "echo.py"}}, "files": {"c": {"template": "a.conf.j2"}}}
    )
    assert controller.looked_for == [("files", "echo.py"), ("files", "echo.py"), ("templates", "a.conf.j2")]


def test_other_arguments_are_kept(controller: Controller) -> None:
    args = {"name": "demo", "settle": "1s", "daemons": None}
    found = controller.sources.of_stack(args)
    assert {key: value for key, value in found.items() if value is not None} == {"name": "demo", "settle": "1s"}


def test_what_is_read_can_be_declared(controller: Controller) -> None:
    args = {
        "name": "demo",
        "settle": "1s",
        "daemons": {"echo": {"script": "echo.py"}},
        "files": {
            "/a": {"src": "logo.png"},
            "/b": {"src": "large.bin"},
            "/c": {"template": "a.conf.j2"},
            "/d": {"src": "edge.bin"},
        },
    }
    stack = stack_of(controller.sources.of_stack(args))
    assert [file.content and file.content.size for file in stack.files] == [6, INLINE_AT_MOST + 1, 10, INLINE_AT_MOST]
    assert [file.content and file.content.data is None for file in stack.files] == [False, True, False, False]


@pytest.mark.parametrize(
    ("option", "entry", "place", "value", "problem", "remedy"),
    [
        pytest.param(
            "daemons", {"script": "nosuch.py"}, "daemons.it.script", "nosuch.py", "Could not find or access 'nosuch.py'",
            "files/", id="missing script",
        ),
        pytest.param("files", {"src": "nosuch"}, "files.it.src", "nosuch", "not on the controller", "files/", id="missing src"),
        pytest.param(
            "units", {"template": "no.j2"}, "units.it.template", "no.j2", "Could not find", "templates/", id="missing template",
        ),
        pytest.param(
            "files", {"template": "bad.j2"}, "files.it.template", "bad.j2", "nosuch", "Fix the template", id="template error",
        ),
        pytest.param("files", {"src": "."}, "files.it.src", ".", "is a directory", "Name a file in it", id="directory"),
        pytest.param(
            "files", {"content": "hunter2", "src": "echo.py"}, "files.it", "content, src", "more than once", "Keep one",
            id="content and src",
        ),
        pytest.param(
            "files", {"src": "echo.py", "template": "a.conf.j2"}, "files.it", "src, template", "more than once", "Keep one",
            id="src and template",
        ),
    ],
)  # fmt: skip
def test_mistake(
    controller: Controller, option: str, entry: dict[str, Any], place: str, value: str, problem: str, remedy: str
) -> None:
    resolved(controller, option, entry)
    (found,) = controller.found()
    assert (found.place, found.value) == (place, value)
    assert problem in found.problem
    assert remedy in found.remedy
    assert "\n" not in str(found)


def test_credentials_travel_whole(controller: Controller) -> None:
    secrets = {"a": {"src": "large.bin"}, "b": {"template": "a.conf.j2"}, "c": "text", "d": {"src": "logo.png"}}
    found = resolved(controller, "daemons", {"script": "echo.py", "credentials": secrets})["credentials"]
    assert found["a"]["content"]["content"] == "x" * (INLINE_AT_MOST + 1)
    assert found["b"]["content"]["content"] == "name=demo\n"
    assert (found["c"], found["d"]["content"]["base64"]) == ("text", "iVBOR/8A")
    assert controller.sources.large == {}


def test_error_of_a_secret_template_tells_no_text(controller: Controller) -> None:
    resolved(controller, "daemons", {"script": "echo.py", "credentials": {"token": {"template": "bad.j2"}}})
    (found,) = controller.found()
    assert found.place == "daemons.it.credentials.token.template"
    assert "KeyError" in found.problem
    assert "nosuch" not in found.problem


def test_all_mistakes_at_once(controller: Controller) -> None:
    controller.sources.of_stack(
        {"daemons": {"a": {"script": "no.py"}, "b": {"script": "no.py"}}, "files": {"/c": {"template": "bad.j2"}}}
    )
    assert [problem.place for problem in controller.found()] == ["daemons.a.script", "daemons.b.script", "files./c.template"]


# Uploads


def test_uploads_are_added_where_their_digest_stands() -> None:
    large = {"name": "a", "sha256": "f00", "size": 9}
    args = {"files": {"/a": {"content": large}, "/b": {"content": "text"}}, "daemons": {"c": {"script": large, "args": ["f00"]}}}
    found = with_uploads(args, {"f00": "/tmp/x"})
    assert found["files"]["/a"]["content"] == {**large, "upload": "/tmp/x"}
    assert found["daemons"]["c"] == {"script": {**large, "upload": "/tmp/x"}, "args": ["f00"]}
    assert found["files"]["/b"] == {"content": "text"}
    assert "upload" not in large


def test_uploads_of_others_are_not_added() -> None:
    args = {"files": {"/a": {"content": {"name": "a", "sha256": "f00", "size": 9}}}}
    assert with_uploads(args, {"ba4": "/tmp/x"}) == args
    assert with_uploads(args, {}) == args


@pytest.mark.parametrize(
    ("option", "name", "entry"),
    [
        pytest.param("units", "big.service", {"src": "large.bin"}, id="unit file"),
        pytest.param("units", "big.service", {"dropins": {"10-big": {"src": "large.bin"}}}, id="drop-in"),
        pytest.param("files", "/etc/sysusers.d/big.conf", {"src": "large.bin"}, id="accounts"),
        pytest.param("files", "/etc/tmpfiles.d/big.conf", {"src": "large.bin"}, id="paths"),
    ],
)
def test_what_must_be_read_travels_with_the_task_however_large_it_is(
    controller: Controller, option: str, name: str, entry: dict[str, Any]
) -> None:
    found = controller.sources.of_stack({option: {name: entry}})[option][name]
    content = found["dropins"]["10-big"]["content"] if "dropins" in found else found["content"]
    assert len(content["content"]) == INLINE_AT_MOST + 1
    assert not controller.sources.large


@pytest.mark.parametrize(
    ("entry", "mode"),
    [
        pytest.param({}, "0600", id="no mode"),
        pytest.param({"mode": None}, "0600", id="none"),
        pytest.param({"mode": "0644"}, "0644", id="as declared"),
    ],
)
def test_what_was_in_a_vault_is_for_its_owner_alone(tmp_path: Path, entry: Any, mode: str) -> None:
    path = tmp_path / "opened"
    path.write_text("secret")
    sources = Sources(lambda _folder, _name: str(path), lambda _path: "", Problems(), {str(path)})
    files = sources.of_stack({"files": {"/etc/a": {"src": "a", **entry}}})["files"]
    assert files["/etc/a"]["mode"] == mode
    plain = Sources(lambda _folder, _name: str(path), lambda _path: "", Problems()).of_stack({"files": {"/etc/a": {"src": "a"}}})
    assert "mode" not in plain["files"]["/etc/a"]
