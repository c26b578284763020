# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How systemd is asked about units: how often, and what is read of the host besides."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Mapping, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.inquiry import unit_facts
from ansible_collections.daemonic.systemd.plugins.module_utils._host.inquiry import unit_info as module
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import CommandFailed, Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.context import HostContext
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.manager import Manager
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Manifest

STAMP, OLD, RELEASE = "0123456789abcdef", "0" * 16, "fedcba9876543210"


class Systemctl:
    """Prints what it is told to. failures: how often show fails before it does not."""

    def __init__(self, show: str, failures: int = 0, **other: str) -> None:
        self._outputs = {"show": show, **{name.replace("_", "-"): output for name, output in other.items()}}
        self._failures = failures
        self.calls: list[list[str]] = []
        self.zones: set[str] = set()

    def run(self, argv: Sequence[str], _stdin: bytes | None, environment: Mapping[str, str]) -> tuple[int, str, str]:
        self.calls.append(list(argv))
        verb = argv[1]
        if verb == "show":
            self.zones.add(environment.get("TZ", ""))
            if self._failures:
                self._failures -= 1
                return 1, "", "Unit a.service not loaded."
        return 0, self._outputs[verb], ""


def block(unit: str, **properties: str) -> str:
    shown = {"Id": unit, "LoadState": "loaded", "ActiveState": "active", "SubState": "running", **properties}
    return "".join(f"{key}={value}\n" for key, value in shown.items())


@pytest.fixture(name="context")
def fixture_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "records").mkdir()
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(unit_facts, "_EXTRA_FIELDS", f"{tmp_path}/run/log-extra-fields:")
    scope = replace(scope_of("system"), state_directory=f"{tmp_path}/records", unit_path=(f"{tmp_path}/etc", f"{tmp_path}/lib"))

    def context(systemctl: Systemctl) -> HostContext:
        return HostContext(Disk(), Commands(systemctl.run), Manager(scope, None, True))

    return context


def ask(context: HostContext, **params: Any) -> dict[str, Any]:
    return module.unit_info({"depth": 2, **params}, context, False)


def test_hundreds_in_one_call(context: Any) -> None:
    systemctl = Systemctl("\n".join(block(f"u{number}.service") for number in range(500)))
    assert len(ask(context(systemctl))["units"]) == 500
    assert len(systemctl.calls) == 1
    assert systemctl.zones == {"UTC"}


def test_an_empty_list_asks_nobody(context: Any) -> None:
    systemctl = Systemctl("")
    assert ask(context(systemctl), name=[]) == {"units": {}, "failed_units": []}
    assert systemctl.calls == []


def test_a_unit_that_has_gone_is_asked_for_again(context: Any) -> None:
    assert list(ask(context(Systemctl(block("a.service"), failures=1)))["units"]) == ["a.service"]
    with pytest.raises(CommandFailed, match="not loaded"):
        ask(context(Systemctl(block("a.service"), failures=2)))


def test_an_odd_description_takes_one_more_call(context: Any) -> None:
    systemctl = Systemctl(
        block("a.service", Description="[unprintable]") + "\n" + block("b.service", Description="[unprintable]"),
        list_units=json.dumps([{"unit": "a.service", "description": "a\n\nId=b"}]),
    )
    units = ask(context(systemctl))["units"]
    assert [unit["description"] for unit in units.values()] == ["a\n\nId=b", "[unprintable]"]
    assert len(systemctl.calls) == 2


def test_stacks_and_what_cannot_be_read(context: Any, tmp_path: Path) -> None:
    manifest = Manifest(
        "site", owned=("a.service",), files={"/etc/systemd/system/b.service.d/10-a.conf": "1"}, exposure={"a.service": 4.2}
    )
    records = tmp_path / "records"
    (records / "site.json").write_text(json.dumps(manifest.as_json()))
    (records / "broken.json").write_text("{")
    (records / "other.json").write_text("[]")
    (records / "site.history").write_text("{}")
    units = ask(context(Systemctl("\n".join(block(f"{name}.service") for name in "abc"))))["units"]
    assert [(unit["stack"], unit["exposure"]) for unit in units.values()] == [("site", 4.2), ("site", None), (None, None)]


def test_records_that_are_not_ours_to_read(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any) -> list[str]:
        raise PermissionError

    monkeypatch.setattr(Disk, "names_in", refuse)
    assert ask(context(Systemctl(block("a.service"))))["units"]["a.service"]["stack"] is None


@pytest.mark.parametrize(
    ("written", "shown", "told"),
    [
        pytest.param(f"DAEMONIC_STAMP={STAMP}xDAEMONIC_RELEASE={RELEASE}", {}, (RELEASE, STAMP, False), id="what is loaded"),
        pytest.param(f"DAEMONIC_STAMP={OLD}xDAEMONIC_RELEASE={OLD}", {}, (OLD, OLD, True), id="an old one"),
        pytest.param(f"DAEMONIC_STAMP={OLD}", {}, (None, OLD, True), id="one from before releases were written down"),
        pytest.param(f"DAEMONIC_STAMP={OLD}", {"ActiveState": "inactive"}, (RELEASE, None, None), id="of the last run"),
        pytest.param("", {}, (None, None, None), id="nothing"),
    ],
)
def test_releases(context: Any, tmp_path: Path, written: str, shown: dict[str, str], told: tuple[Any, ...]) -> None:
    (tmp_path / "run" / "log-extra-fields:a.service").write_bytes(b"\x1f\0\0\0" + written.encode())
    fields = f"DAEMONIC_STAMP={STAMP} DAEMONIC_RELEASE={RELEASE}"
    unit = ask(context(Systemctl(block("a.service", LogExtraFields=fields, **shown))))["units"]["a.service"]
    assert (unit["release"], unit["stamp"], unit["stale"]) == told


def test_a_process_that_tells(context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's manager writes no file: the environment and the command line of the process do."""
    texts = {"/proc/7/environ": f"A=1\0DAEMONIC_STAMP={OLD}\0", "/proc/7/cmdline": f"python3\0/opt/a/releases/{OLD}/a.py\0"}
    monkeypatch.setattr(unit_facts, "text_of", lambda path: texts[path])
    unit = ask(context(Systemctl(block("a.service", MainPID="7", LogExtraFields=f"DAEMONIC_STAMP={STAMP}"))))["units"][
        "a.service"
    ]
    assert (unit["release"], unit["stamp"], unit["stale"]) == (OLD, OLD, True)


def test_files(context: Any, tmp_path: Path) -> None:
    texts = {
        "etc/t@.service.d/b.conf": "b",
        "lib/t@.service": "unit",
        "lib/t@.service.d/a.conf": "a",
        "lib/t@.service.d/b.conf": "hidden",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    private = tmp_path / "private.conf"
    private.write_text("Environment=PASSWORD=x")
    os.chmod(private, 0o600)
    shown = block("a.service", FragmentPath=f"{tmp_path}/lib/t@.service", DropInPaths=f"{private} {tmp_path}/nowhere.conf")
    rows = json.dumps([{"unit_file": "t@.service", "state": "static", "preset": None}])
    systemctl = Systemctl(f"{shown}\n{block('m.service', FragmentPath='/dev/null')}", list_unit_files=rows)
    units = ask(context(systemctl), name=["a", "m", "t@"], include=["content"])["units"]
    contents = {name: [file["content"] for file in unit["files"]] for name, unit in units.items()}
    assert contents == {"a.service": ["unit", None, None], "m.service": [None], "t@.service": ["unit", "a", "b"]}
