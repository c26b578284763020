# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out a plan: the only writer. It decides nothing; the order is the plan's."""

from __future__ import annotations

from itertools import groupby
from typing import Callable, Sequence

from .._stack import actions as act
from .._systemctl import argv
from .commands import CommandFailed, Commands
from .disk import Disk


class NotStaged(Exception):
    """A file could not be written beside its place. All that was begun is taken back: the host is as it was."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(f"{path} cannot be written: {error.strerror}. Nothing was changed.")


def apply(actions: Sequence[act.Action], disk: Disk, commands: Commands) -> list[str]:
    """Carry out the actions in order. Returns what systemctl said of jobs that did not succeed.

    Every file is written beside its place before the first action that anybody can notice, so a full disk is met while
    the old files and the running units are still as they were. Raises NotStaged, CommandFailed or OSError.
    """
    try:
        _stage(actions, disk)
        complaints = []
        for kind, group in groupby(actions, key=type):
            if kind in act.UNIT_ACTIONS:
                complaints += _jobs(kind, [action.target for action in group], commands)
            else:
                for action in group:
                    _DOERS[kind](action, disk, commands)
        return complaints
    finally:
        disk.discard()


def _stage(actions: Sequence[act.Action], disk: Disk) -> None:
    made: list[str] = []
    path = ""
    try:
        for action in actions:
            path = action.target
            if isinstance(action, act.MakeDirectory):
                disk.make_directory(path)
                made.append(path)
            elif isinstance(action, act.WriteFile):
                disk.stage(action.file)
    except OSError as error:
        disk.discard()
        for directory in reversed(made):
            disk.remove_directory_if_empty(directory)
        raise NotStaged(path, error) from error


# What each action means. Directories were made, and files written beside their places, when the run was staged.
_DOERS: dict[type[act.Action], Callable[..., object]] = {
    act.MakeDirectory: lambda action, disk, commands: None,
    act.WriteFile: lambda action, disk, commands: disk.commit(action.target),
    act.SetAttributes: lambda action, disk, commands: disk.set_attributes(action.target, action.file),
    act.MakeLink: lambda action, disk, commands: disk.make_link(action.target, action.to),
    act.SetAside: lambda action, disk, commands: disk.copy(action.target, action.to),
    act.Restore: lambda action, disk, commands: disk.put_back(action.kept, action.target),
    act.Remove: lambda action, disk, commands: disk.remove(action.target),
    act.RemoveDirectory: lambda action, disk, commands: disk.remove_directory_if_empty(action.target),
    act.DaemonReload: lambda action, disk, commands: commands.output(commands.systemctl.daemon_reload()),
    act.EnableLinger: lambda action, disk, commands: _linger(action.target, commands),
    act.DisableLinger: lambda action, disk, commands: commands.output(argv.linger(action.target, False), as_root=True),
}


def _linger(user: str, commands: Commands) -> None:
    """The user's manager runs without a login, now and after each boot. Starting it waits until it is up."""
    commands.output(argv.linger(user, True), as_root=True)
    commands.output(argv.start_user_manager(commands.uid), as_root=True)


def _jobs(kind: type[act.Action], units: Sequence[str], commands: Commands) -> list[str]:
    """One call for all units. A start that fails is judged later, by the state of the unit; a stop must succeed."""
    command = commands.systemctl.job(kind.verb.replace("_", "-"), units)
    rc, stderr = commands.attempt(command)
    if rc == 0 or kind is act.ResetFailed:  # rc 1: the unit was not failed
        return []
    if kind is act.Stop:
        raise CommandFailed(command, rc, stderr)
    return [stderr]
