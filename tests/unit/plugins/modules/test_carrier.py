# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Code that travels: packed on the controller, unpacked, compiled and kept on the host."""

from __future__ import annotations

import ast
import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from ansible_collections.daemonic.systemd.plugins.modules import carrier
from ansible_collections.daemonic.systemd.plugins.plugin_utils.carrier import CODE, LEFT_OUT, packed

FOLDER = Path(carrier.__file__).parents[1] / "module_utils"
SOURCES = carrier.Code("", CODE["packed"]).sources


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr(carrier, "cache_directory", lambda: str(folder))
    return folder


@pytest.fixture
def code(kept: Path) -> Iterator[Any]:  # noqa: ARG001
    """Can be imported from, and is forgotten afterwards."""
    found = carrier.Code("d", CODE["packed"])
    sys.meta_path.insert(0, found)
    yield found
    sys.meta_path.remove(found)
    for name in [name for name in sys.modules if name.split(".")[0] == carrier.PACKAGE]:
        del sys.modules[name]


def names_compiled(folder: Path) -> set[str]:
    (file,) = folder.iterdir()
    return {name for name, (_is_package, compiled) in carrier.read(str(file)).items() if compiled}


def imported_by(path: str) -> Iterator[str]:
    """The files of the collection that a file imports, anywhere in it."""
    package = path.split("/")[:-1]
    for node in ast.walk(ast.parse(SOURCES[path])):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            names = ["/".join(filter(None, [*base, name])) for name in ("", *(alias.name for alias in node.names))]
            yield from (file for name in names for file in (f"{name}.py", f"{name}/__init__.py") if (FOLDER / file).is_file())


def test_all_that_is_needed_is_packed() -> None:
    needed, todo = set(), ["_host/entry/bootstrapped.py"]
    while todo:
        path = todo.pop()
        assert path in SOURCES
        needed.add(path)
        todo += [each for each in imported_by(path) if each not in needed]
    assert {"_host/build/release_builder.py", "_host/health/probe.py", "_unitfile/syntax.py"} < needed
    assert SOURCES["_host/transaction/run.py"] == (FOLDER / "_host/transaction/run.py").read_text(encoding="utf-8")


def test_what_is_left_out_exists() -> None:
    assert all((FOLDER / name / "__init__.py").is_file() for name in LEFT_OUT)


def test_the_digest_is_that_of_the_code() -> None:
    assert packed() == CODE
    assert len(CODE["digest"]) == 32


@pytest.mark.parametrize("path", sorted(SOURCES))
def test_names(path: str) -> None:
    assert carrier.path_of(carrier.name_of(path), path.endswith("__init__.py")) == path


def test_what_was_compiled_is_kept_and_nothing_else(code: Any, kept: Path) -> None:
    names = importlib.import_module(f"{carrier.PACKAGE}._unitfile.names")
    assert names.check_unit_name("a.service") is None
    code.keep()
    found = names_compiled(kept)
    assert f"{carrier.PACKAGE}._unitfile.names" in found
    assert f"{carrier.PACKAGE}._host.transaction.run" not in found
    again = carrier.Code("d", "")  # the sources are not asked for
    assert again.find_spec(f"{carrier.PACKAGE}._host.transaction.run")
    assert again.find_spec("json") is None
    (file,) = kept.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept.stat().st_mode & 0o777 == 0o700


def test_what_is_kept_grows(code: Any, kept: Path) -> None:
    importlib.import_module(f"{carrier.PACKAGE}._unitfile.names")
    code.keep()
    before = names_compiled(kept)
    importlib.import_module(f"{carrier.PACKAGE}._unitfile.escaping")
    code.keep()
    assert f"{carrier.PACKAGE}._unitfile.escaping" not in before
    assert names_compiled(kept) >= {*before, f"{carrier.PACKAGE}._unitfile.escaping"}


def test_a_traceback_shows_the_source(code: Any) -> None:
    names = importlib.import_module(f"{carrier.PACKAGE}._unitfile.names")
    assert names.__loader__ is code
    assert code.get_source(names.__name__) == SOURCES["_unitfile/names.py"]


def spoil_end(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def spoil_byte(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda file: file.write_bytes(b""), id="empty"),
        pytest.param(spoil_end, id="cut off"),
        pytest.param(spoil_byte, id="another byte"),
        pytest.param(lambda file: file.chmod(0o620), id="its group can write"),
        pytest.param(lambda file: file.chmod(0o602), id="everybody can write"),
    ],
)
def test_what_is_spoilt_is_not_used(spoil: Any, code: Any, kept: Path) -> None:
    importlib.import_module(f"{carrier.PACKAGE}._unitfile.names")
    code.keep()
    (file,) = kept.iterdir()
    spoil(file)
    with pytest.raises(ValueError):  # noqa: PT011
        carrier.read(str(file))
    again = carrier.Code("d", CODE["packed"])
    assert not again._parts[f"{carrier.PACKAGE}._unitfile.names"][1]


def test_only_the_newest_are_kept(kept: Path) -> None:
    for number in range(carrier.KEEP + 3):
        carrier.write(str(kept / str(number)), {})
        os.utime(kept / str(number), (time.time() - 100 + number,) * 2)
    carrier.write(str(kept / "last"), {})
    assert {file.name for file in kept.iterdir()} == {"last", *(str(carrier.KEEP + 3 - n) for n in range(1, carrier.KEEP))}


def test_a_host_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(carrier, "cache_directory", lambda: str(tmp_path / "file" / "cache"))
    code = carrier.Code("d", CODE["packed"])
    code._compiled(f"{carrier.PACKAGE}._unitfile.names")
    code.keep()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_script_as_a_host_gets_it(tmp_path: Path) -> None:
    """By standard input, as with pipelining; what stands in the directory of the user is not taken for Python's own."""
    (tmp_path / "json.py").write_text("raise SystemExit('taken from the directory of the user')")
    params = {"name": 'a"""b\'\'\'c\\n\\"d\udc80', "state": "present"}
    call = {"module": "stack", "params": params, "code": CODE, "_ansible_check_mode": True, "_ansible_no_log": True}
    text = Path(carrier.__file__).read_text(encoding="utf-8").replace("<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>", json.dumps(call))
    script = text.replace('"/var/cache/daemonic.systemd"', repr(str(tmp_path / "cache")))
    done = subprocess.run([sys.executable], input=script.encode(), cwd=tmp_path, capture_output=True, check=False)
    assert done.stderr == b""
    result = json.loads(done.stdout.decode())
    assert result["failed"]
    assert result["problems"][0]["place"] == "name"


def test_nothing_of_the_folder_in_which_the_task_begins_is_imported(tmp_path: Path) -> None:
    """With pipelining the module comes by standard input, as root, and the folder is that of who has logged in."""
    for name in ("__future__", "json", "zlib", "marshal", "importlib", "contextlib"):
        (tmp_path / f"{name}.py").write_text("open('pwned', 'w').close()\n")
    text = Path(carrier.__file__).read_text(encoding="utf-8")
    subprocess.run([sys.executable, "-"], input=text.encode(), cwd=tmp_path, check=False, capture_output=True)
    assert not (tmp_path / "pwned").exists()
    subprocess.run([sys.executable, "-"], input=b"from __future__ import annotations\n", cwd=tmp_path, check=False)
    assert (tmp_path / "pwned").exists(), "it would be"
