# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out a plan: the only writer. It decides nothing; the order is the plan's."""

from __future__ import annotations

import os
from itertools import groupby
from typing import Iterable, Sequence

from .._stack.actions import (
    UNIT_ACTIONS,
    Action,
    DaemonReload,
    MakeDirectory,
    MakeLink,
    Remove,
    RemoveDirectory,
    ResetFailed,
    SetAttributes,
    Stop,
    WriteFile,
)
from .._systemctl import argv
from .commands import CommandFailed, Commands
from .files import Staged, make_link, set_attributes

DIRECTORY_MODE = 0o755


class NotStaged(Exception):
    """A file could not be written beside its place. All that was begun is taken back: the host is as it was."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(f"{path} cannot be written: {error.strerror}. Nothing was changed.")


def apply(actions: Sequence[Action], commands: Commands) -> list[str]:
    """Carry out the actions in order. Returns what systemctl said of jobs that did not succeed.

    Every file is written beside its place before the first action that anybody can notice, so a full disk is met while
    the old files and the running units are still as they were. Raises NotStaged, CommandFailed or OSError.
    """
    staged = Staged()
    try:
        _stage(actions, staged)
        complaints = []
        for kind, group in groupby(actions, key=type):
            if kind in UNIT_ACTIONS:
                complaints += _jobs(kind, [action.target for action in group], commands)
            else:
                _change(group, staged, commands)
        return complaints
    finally:
        staged.discard()


def _stage(actions: Sequence[Action], staged: Staged) -> None:
    made: list[str] = []
    path = ""
    try:
        for action in actions:
            path = action.target
            if isinstance(action, MakeDirectory):
                os.mkdir(path, DIRECTORY_MODE)
                made.append(path)
            elif isinstance(action, WriteFile):
                staged.add(action.file)
    except OSError as error:
        staged.discard()
        for directory in reversed(made):
            os.rmdir(directory)
        raise NotStaged(path, error) from error


def _change(actions: Iterable[Action], staged: Staged, commands: Commands) -> None:
    for action in actions:
        if isinstance(action, WriteFile):
            staged.commit(action.target)
        elif isinstance(action, SetAttributes):
            set_attributes(action.target, action.file)
        elif isinstance(action, MakeLink):
            make_link(action.target, action.to)
        elif isinstance(action, Remove):
            os.unlink(action.target)
        elif isinstance(action, RemoveDirectory):
            _remove_if_empty(action.target)
        elif isinstance(action, DaemonReload):
            commands.output(argv.daemon_reload())


def _remove_if_empty(path: str) -> None:
    """What somebody else has put there stays, and its directory with it."""
    if not os.listdir(path):
        os.rmdir(path)


_VERBS = {"reset_failed": "reset-failed"}


def _jobs(kind: type[Action], units: Sequence[str], commands: Commands) -> list[str]:
    """One call for all units. A start that fails is judged later, by the state of the unit; a stop must succeed."""
    command = argv.job(_VERBS.get(kind.verb, kind.verb), units)
    rc, stderr = commands.attempt(command)
    if rc == 0 or kind is ResetFailed:  # rc 1: the unit was not failed
        return []
    if kind is Stop:
        raise CommandFailed(command, rc, stderr)
    return [stderr]
