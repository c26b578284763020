# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a plan that needs no systemd, carried out below a temporary directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Sequence

import pytest
from ansible_collections.daemonic.systemd.plugins.module_utils._declaration.model import Source
from ansible_collections.daemonic.systemd.plugins.module_utils._desired.desired import File
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.accounts import Account
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.commands import CommandFailed, Commands
from ansible_collections.daemonic.systemd.plugins.module_utils._host.io.disk import Disk
from ansible_collections.daemonic.systemd.plugins.module_utils._host.transaction.apply import NotStaged, _Doers, apply
from ansible_collections.daemonic.systemd.plugins.module_utils._plan import actions as act


def no_program(argv: Sequence[str], _stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
    raise AssertionError(f"{argv} is run")


def carry_out(*actions: act.Action) -> list[str]:
    disk = Disk()
    complaints = apply(actions, "/nowhere", disk, Commands(no_program))
    disk.forget()
    return complaints


def write(path: Path, content: str = "new") -> act.WriteFile:
    return act.WriteFile(str(path), "", File(str(path), Source.of(path.name, content.encode()), "files"))


def names_below(path: Path) -> list[str]:
    return sorted(
        str(Path(folder, name).relative_to(path)) for folder, folders, files in os.walk(path) for name in folders + files
    )


def test_directories_files_and_links(tmp_path: Path) -> None:
    home = tmp_path / "home"
    complaints = carry_out(
        act.MakeDirectory(str(home), ""),
        act.MakeDirectory(str(home / "releases"), ""),
        write(home / "releases" / "a.py", "print()"),
        act.MakeLink(str(home / "current"), "", "releases"),
    )
    assert complaints == []
    assert (home / "current" / "a.py").read_text() == "print()"
    assert names_below(tmp_path) == ["home", "home/current", "home/releases", "home/releases/a.py"]


def test_removals(tmp_path: Path) -> None:
    for name in ("empty", "full"):
        (tmp_path / name).mkdir()
    (tmp_path / "full" / "of-others").write_text("")
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to("file")
    carry_out(
        act.Remove(str(tmp_path / "link"), ""),
        act.Remove(str(tmp_path / "file"), ""),
        act.RemoveDirectory(str(tmp_path / "empty"), ""),
        act.RemoveDirectory(str(tmp_path / "full"), ""),
    )
    assert names_below(tmp_path) == ["full", "full/of-others"]


def test_file_that_cannot_be_written_undoes_all_that_was_begun(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    with pytest.raises(NotStaged) as error:
        carry_out(
            act.Remove(str(tmp_path / "old"), ""),
            act.MakeDirectory(str(tmp_path / "new"), ""),
            act.MakeDirectory(str(tmp_path / "new" / "er"), ""),
            write(tmp_path / "new" / "a"),
            write(tmp_path / "old"),
            write(tmp_path / "nowhere" / "b"),
        )
    assert str(error.value) == f"{tmp_path}/nowhere/b cannot be written: No such file or directory. Nothing was changed."
    assert names_below(tmp_path) == ["old"]
    assert (tmp_path / "old").read_text() == "old"


def test_originals_are_kept_and_put_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    kept = str(tmp_path / "originals" / "a")
    carry_out(act.SetAside(str(tmp_path / "a"), "", kept), write(tmp_path / "a"))
    assert ((tmp_path / "a").read_text(), Path(kept).read_text()) == ("new", "mine")
    carry_out(act.Restore(str(tmp_path / "a"), "", kept))
    assert (tmp_path / "a").read_text() == "mine"
    assert names_below(tmp_path) == ["a", "originals"]


def test_error_on_the_way_leaves_nothing_beside(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        carry_out(write(tmp_path / "one"), act.Remove(str(tmp_path / "gone"), ""), write(tmp_path / "two"))
    assert names_below(tmp_path) == ["one"]


# The door to programs


@pytest.mark.parametrize(("rc", "accept", "fine"), [(0, (0,), True), (1, (0,), False), (1, (0, 1), True), (5, (0, 1), False)])
def test_return_codes_are_named(rc: int, accept: tuple[int, ...], fine: bool) -> None:
    commands = Commands(lambda _argv, _stdin, _environment: (rc, "out", "why\n"))
    if fine:
        assert commands.output(["a", "b"], accept) == "out"
        return
    with pytest.raises(CommandFailed, match=f"^a b failed with {rc}: why$"):
        commands.output(["a", "b"], accept)


def test_attempt_judges_nothing() -> None:
    assert Commands(lambda _argv, _stdin, _environment: (5, "out", " why\n")).attempt(["a"]) == (5, "why")


def test_standard_input_is_handed_on() -> None:
    seen: list[Any] = []
    Commands(lambda argv, stdin, _environment: seen.append((argv, stdin)) or (0, "", "")).attempt(["a"], stdin=b"x")
    assert seen == [(["a"], b"x")]


class Recorder:
    """Answers every program with the same."""

    def __init__(self, rc: int = 0, stderr: str = "") -> None:
        self.answer = (rc, "", stderr)
        self.seen: list[str] = []
        self.environments: list[Any] = []

    def __call__(self, argv: Sequence[str], _stdin: bytes | None, environment: Any) -> tuple[int, str, str]:
        self.seen.append(" ".join(argv))
        self.environments.append(environment)
        return self.answer


@pytest.mark.parametrize(
    ("uid", "prefix"),
    [
        pytest.param(os.geteuid(), "", id="by the user"),
        pytest.param(os.geteuid() + 1, "runuser -u echo -- ", id="by root for the user"),
    ],
)
def test_commands_for_the_manager_of_a_user(uid: int, prefix: str) -> None:
    recorder = Recorder()
    commands = Commands(recorder, Account("echo", uid, uid, "/home/echo"))
    commands.output(commands.systemctl.daemon_reload())
    commands.attempt(commands.systemctl.job("start", ["a.service"]))
    commands.output(["loginctl", "enable-linger", "echo"], as_root=True)
    assert recorder.seen == [
        f"{prefix}systemctl --user daemon-reload",
        f"{prefix}systemctl --user --no-pager start -- a.service",
        "loginctl enable-linger echo",
    ]
    assert recorder.environments[0]["XDG_RUNTIME_DIR"] == f"/run/user/{uid}"
    assert recorder.environments[0]["LC_ALL"] == "C"
    assert recorder.environments[0]["HOME"] == "/home/echo"


def test_commands_for_the_system_know_no_user() -> None:
    recorder = Recorder()
    Commands(recorder).output(["a"])
    assert set(recorder.environments[0]) == {"LC_ALL", "SYSTEMD_COLORS"}


# Units


def jobs(
    *actions: act.Action, rc: int = 0, stderr: str = "", user: Account | None = None, linger_path: str = "/nowhere"
) -> tuple[list[str], list[str]]:
    """What is run, and what is complained of."""
    recorder = Recorder(rc, stderr)
    disk = Disk()
    complaints = apply(actions, linger_path, disk, Commands(recorder, user))
    disk.forget()
    return recorder.seen, complaints


def test_actions_of_a_kind_are_one_call() -> None:
    seen, complaints = jobs(
        act.Stop("a.service", ""),
        act.Stop("b.service", ""),
        act.DaemonReload("systemd", ""),
        act.ResetFailed("c.service", ""),
        act.Restart("c.service", ""),
        act.Reload("d.service", ""),
        act.Start("e.service", ""),
        act.Start("f.socket", ""),
    )
    assert complaints == []
    assert seen == [
        "systemctl --no-pager stop -- a.service b.service",
        "systemctl daemon-reload",
        "systemctl --no-pager reset-failed -- c.service",
        "systemctl --no-pager restart -- c.service",
        "systemctl --no-pager reload -- d.service",
        "systemctl --no-pager start -- e.service f.socket",
    ]


@pytest.mark.parametrize(
    ("action", "complaints"),
    [
        pytest.param(act.Start("a.service", ""), ["Job failed."], id="start"),
        pytest.param(act.Restart("a.service", ""), ["Job failed."], id="restart"),
        pytest.param(act.Reload("a.service", ""), ["Job failed."], id="reload"),
        pytest.param(act.ResetFailed("a.service", ""), [], id="was not failed"),
    ],
)
def test_job_that_fails_is_told(action: act.Action, complaints: list[str]) -> None:
    assert jobs(action, rc=1, stderr="Job failed.\n")[1] == complaints


@pytest.mark.parametrize("action", [act.Stop("a.service", ""), act.DaemonReload("systemd", "")], ids=["stop", "reload"])
def test_what_must_not_fail(action: act.Action) -> None:
    with pytest.raises(CommandFailed, match=r"^systemctl .* failed with 1: Job failed\.$"):
        jobs(action, rc=1, stderr="Job failed.\n")


def test_lingering(tmp_path: Path) -> None:
    """That it was our doing is on record as long as it is."""
    user, record = Account("echo", os.geteuid(), 0, "/home/echo"), tmp_path / "made-to-linger"
    start = f"systemctl start -- user@{os.geteuid()}.service"
    assert jobs(act.EnableLinger("echo", ""), user=user, linger_path=str(record))[0] == ["loginctl enable-linger echo", start]
    assert Disk().read_json(str(record)) == "echo"
    assert jobs(act.StartManager("echo", ""), user=user)[0] == [start]
    assert jobs(act.DisableLinger("echo", ""), user=user, linger_path=str(record))[0] == ["loginctl disable-linger echo"]
    assert names_below(tmp_path) == []


def test_lingering_that_is_denied_leaves_no_record(tmp_path: Path) -> None:
    """Else a linger of the administrator would be taken for ours, and be ended with the stack."""
    user, record = Account("echo", os.geteuid(), 0, "/home/echo"), tmp_path / "made-to-linger"
    with pytest.raises(CommandFailed):
        jobs(act.EnableLinger("echo", ""), rc=1, stderr="Access denied", user=user, linger_path=str(record))
    assert names_below(tmp_path) == []
    assert jobs(act.DisableLinger("echo", ""), user=user, linger_path=str(record))[0] == []


REFUSED = "Failed to {0} a.service: Operation refused, unit a.service may be requested by dependency only (it is configured \
to refuse manual start/stop).\nSee system logs and 'systemctl status a.service' for details.\n"


@pytest.mark.parametrize(
    ("action", "verbs"),
    [
        pytest.param(act.Stop("a.service", ""), ["Conflicts=a.service"], id="stop"),
        pytest.param(act.Start("a.service", ""), ["Wants=a.service"], id="start"),
        pytest.param(act.Restart("a.service", ""), ["Conflicts=a.service", "Wants=a.service b.service"], id="restart"),
    ],
)
def test_job_that_is_refused_is_done_by_dependency(action: act.Action, verbs: list[str]) -> None:
    """A restart reaches what stops with it."""
    seen: list[str] = []

    def systemd(command: Sequence[str], _stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
        seen.extend(word.partition("=")[2] for word in command if word.startswith(("--property=Wants", "--property=Conflicts")))
        if "show" in command:
            name = command[-1]
            return 0, f"Id={name}\nActiveState=active\nRequiredBy={'b.service' if name == 'a.service' else ''}\n", ""
        return (0, "", "") if command[0] == "systemd-run" else (4, "", REFUSED.format(command[2]))

    disk = Disk()
    assert apply([action], "/nowhere", disk, Commands(systemd)) == []
    assert seen == verbs


def test_job_that_is_refused_keeps_no_other_from_being_done() -> None:
    """systemctl 258 and later queue all jobs of a call, or none."""
    seen: list[str] = []

    def systemd(command: Sequence[str], _stdin: bytes | None, _environment: Any) -> tuple[int, str, str]:
        seen.append(" ".join(word for word in command if word.endswith(".service")))
        refused = "Failed to enqueue jobs: Operation refused, unit a.service may be requested by dependency only (it is …).\n"
        return (4, "", refused) if command[0] == "systemctl" and "a.service" in command else (0, "", "")

    disk = Disk()
    assert apply([act.Stop("a.service", ""), act.Stop("b.service", "")], "/nowhere", disk, Commands(systemd)) == []
    assert seen[:3] == ["a.service b.service", "b.service", "a.service"]
    assert "Conflicts=a.service" in seen[3]


def test_every_action_can_be_done() -> None:
    """A closed set: each kind is one of unit jobs, or has its method."""

    def kinds(kind: type[act.Action]) -> list[type[act.Action]]:
        return [kind, *(below for child in kind.__subclasses__() for below in kinds(child))]

    for kind in kinds(act.Action)[1:]:
        assert kind in act.UNIT_ACTIONS or callable(getattr(_Doers, kind.verb)), kind
        assert kind.verb
