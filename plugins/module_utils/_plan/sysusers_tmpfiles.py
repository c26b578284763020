# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd's own programs make of files of the stack: accounts before all else, directories when files are there.

It is made again when it is missing, and when a run was interrupted: both programs leave alone what is right already.
"""

from __future__ import annotations

from typing import Sequence

from .._desired.desired import Desired, File
from .._desired.sysusers_tmpfiles import ACCOUNTS, OTHERS, PATHS, kind_of, made_accounts, made_paths
from .._text import listed
from .actions import Action, CreateAccounts, CreatePaths, WriteFile
from .observed import Observed
from .removal import ancestors


def accounts(desired: Desired, observed: Observed, files: Sequence[Action]) -> list[Action]:
    """All that makes accounts. It comes first, since other files, releases and units may be theirs; so it contains those of
    `files` that it needs.
    """
    applied: list[Action] = []
    for file in _of_kind(ACCOUNTS, desired):
        made = made_accounts([file])
        missing = sorted((made.users | made.groups) & observed.missing_accounts)
        why = _why(file, files, observed, missing)
        applied += [CreateAccounts(file.path, why)] if why else []
    needed = {path for action in applied for path in (action.target, *ancestors(action.target))}
    return [*(action for action in files if action.target in needed), *applied]


def paths(desired: Desired, observed: Observed, files: Sequence[Action]) -> list[Action]:
    applied: list[Action] = []
    for file in _of_kind(PATHS, desired):
        made = made_paths([file])
        missing = [path for path in made if observed.path(path).kind == "missing"]
        why = _why(file, files, observed, missing)
        others = made_paths([file], OTHERS)
        directories = (*made, *(parent for path in (*made, *others) for parent in ancestors(path)))
        new = {path for path in directories if observed.path(path).kind == "missing"}
        applied += [CreatePaths(file.path, why, tuple(sorted(new, reverse=True)), others)] if why else []
    return applied


def _of_kind(kind: str, desired: Desired) -> list[File]:
    return [file for file in desired.files if kind_of(file.path) == kind]


def _why(file: File, files: Sequence[Action], observed: Observed, missing: Sequence[str]) -> str:
    written = next((a.reason for a in files if isinstance(a, WriteFile) and a.target == file.path), "")
    if written or not missing:
        return written or ("the last run of this stack did not come to its end" if observed.was_interrupted else "")
    return f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing"
