# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a host is asked about its stacks: how often, and what is read of it besides."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Mapping, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._dataclasses import replace
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.scope import scope_of
from ansible_collections.daemonic.systemd.plugins.module_utils._host.inquiry import stack_info as module
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.context import HostContext
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.manager import Manager
from ansible_collections.daemonic.systemd.plugins.module_utils._plan.observed import Manifest


class Host:
    """Programs that print what a host with these units would. units: name → properties."""

    def __init__(self, **units: Mapping[str, str]) -> None:
        self._units = {
            f"{name}.service": {"LoadState": "loaded", "ActiveState": "active", **each} for name, each in units.items()
        }
        self.calls: list[list[str]] = []

    def run(self, argv: Sequence[str], _stdin: bytes | None, _environment: Mapping[str, str]) -> tuple[int, str, str]:
        self.calls.append(list(argv))
        if argv[:2] == ["systemctl", "show"]:
            return 0, self._show(argv), ""
        if argv[0] == "journalctl" and "--sync" not in argv:
            unit = next(word.partition("=")[2] for word in argv if word.startswith("--unit="))
            entry = {"__REALTIME_TIMESTAMP": "1", "__CURSOR": "c", "MESSAGE": f"last words of {unit}", "PRIORITY": "3"}
            return 0, json.dumps(entry), ""
        return 0, "systemd 252", ""

    def _show(self, argv: Sequence[str]) -> str:
        names = list(argv[argv.index("--") + 1 :])
        found = [name for name in names if "*" not in name]
        if "*" in names:
            failed = [name for name, unit in self._units.items() if unit["ActiveState"] == "failed"]
            found += failed if "--state=failed" in argv else list(self._units)
        for pattern in (name for name in names if "@*" in name):
            found += [name for name in self._units if name.startswith(pattern.partition("*")[0])]
        blocks = [{"Id": name, **self._units.get(name, {"LoadState": "not-found", "ActiveState": "inactive"})} for name in found]
        return "\n".join("".join(f"{key}={value}\n" for key, value in block.items()) for block in blocks)

    @property
    def programs(self) -> list[str]:
        return [" ".join(call[:2]) for call in self.calls]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(name="ask")
def fixture_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(module, "systemd_version", lambda _root, _commands: 252)
    (tmp_path / "records").mkdir()
    scope = replace(scope_of("system"), state_directory=f"{tmp_path}/records")

    def ask(host: Host, *manifests: Manifest, **params: Any) -> dict[str, Any]:
        for manifest in manifests:
            (tmp_path / "records" / f"{manifest.stack}.json").write_text(json.dumps(manifest.as_json()))
        context = HostContext(Disk(), Commands(host.run), Manager(scope, None, True))
        return module.stack_info({"name": None, "journal_lines": 5, **params}, context, True)

    return ask


def test_one_call_for_all(ask: Any) -> None:
    host = Host(a={}, b={}, c={})
    found = ask(host, Manifest("one", owned=("a.service", "b.service")), Manifest("two", owned=("c.service",)))
    assert host.programs == ["systemctl show"]
    assert {stack: list(each["units"]) for stack, each in found["stacks"].items()} == {
        "one": ["a.service", "b.service"],
        "two": ["c.service"],
    }
    assert (found["other_failed_units"], found["systemd"]) == ([], 252)


def test_no_stack(ask: Any) -> None:
    host = Host(stranger={"ActiveState": "failed"})
    assert ask(host) == {"stacks": {}, "other_failed_units": ["stranger.service"], "systemd": 252}


def test_what_has_failed(ask: Any) -> None:
    host = Host(a={"ActiveState": "failed"}, b={}, stranger={"ActiveState": "failed"})
    found = ask(host, Manifest("one", owned=("a.service", "b.service")))
    assert found["other_failed_units"] == ["stranger.service"]
    units = found["stacks"]["one"]["units"]
    assert [line["message"] for line in units["a.service"]["journal"]] == ["last words of a.service"]
    assert units["b.service"]["journal"] == []
    assert host.programs == ["systemctl show", "journalctl --sync", "journalctl --no-pager"]
    assert "--lines=6" in host.calls[-1]


def test_no_lines_are_asked_for(ask: Any) -> None:
    host = Host(a={"ActiveState": "failed"})
    ask(host, Manifest("one", owned=("a.service",)), journal_lines=0)
    assert host.programs == ["systemctl show"]


def test_not_every_journal_is_read(ask: Any) -> None:
    names = [f"u{number}" for number in range(30)]
    host = Host(**{name: {"ActiveState": "failed"} for name in names})
    found = ask(host, Manifest("one", owned=tuple(f"{name}.service" for name in names)))
    assert sum(bool(unit["journal"]) for unit in found["stacks"]["one"]["units"].values()) == 20


def test_instances_of_a_template(ask: Any) -> None:
    host = Host(**{"t@1": {}, "t@2": {}, "a": {}})
    found = ask(host, Manifest("one", owned=("t@.service", "a.service")))
    assert list(found["stacks"]["one"]["units"]) == ["a.service", "t@1.service", "t@2.service"]
    assert host.programs == ["systemctl show", "systemctl show"]


def test_some_stacks(ask: Any) -> None:
    manifests = [Manifest("one", owned=("a.service",)), Manifest("two", owned=("b.service",))]
    host = Host(a={}, b={"ActiveState": "failed"})
    found = ask(host, *manifests, name=["one", "nosuch"])
    assert list(found["stacks"]) == ["one"]
    assert found["other_failed_units"] == ["b.service"]


def test_what_was_changed_by_hand(ask: Any, tmp_path: Path) -> None:
    for name, text in (("same", "1"), ("other", "2"), ("sealed", "3")):
        (tmp_path / name).write_text(text)
    (tmp_path / "link").symlink_to("/right")
    (tmp_path / "bent").symlink_to("/wrong")
    at = str(tmp_path)
    manifest = Manifest(
        "one",
        complete=False,
        files={f"{at}/same": digest("1"), f"{at}/other": digest("1"), f"{at}/gone": digest("1"), f"{at}/sealed": digest("0")},
        sealed={f"{at}/sealed": "x"},
        links={f"{at}/link": "/right", f"{at}/bent": "/right"},
    )
    found = ask(Host(), manifest)["stacks"]["one"]
    assert found == {"complete": False, "modified": [f"{at}/bent", f"{at}/gone", f"{at}/other"], "units": {}}


def test_digests(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "a.service").write_text("[Service]\nEnvironment=DAEMONIC_STAMP=1\n")
    (tmp_path / "b.service").write_text("[Service]\n")
    (tmp_path / "10.conf").write_text("[Service]\nNice=1\n")
    paths = {name: f"{tmp_path}/{name}.service" for name in ("a", "b", "gone")}
    host = Host(
        a={"FragmentPath": paths["a"], "DropInPaths": f"{tmp_path}/10.conf"},
        b={"FragmentPath": paths["b"]},
        gone={"FragmentPath": paths["gone"]},
        masked={"FragmentPath": paths["b"], "LoadState": "masked"},
    )
    found = ask(host, Manifest("one", owned=("a.service", "b.service", "gone.service", "masked.service")))
    digests = [unit["digest"] for unit in found["stacks"]["one"]["units"].values()]
    assert digests[2:] == [None, None]
    assert digests[0] != digests[1]
