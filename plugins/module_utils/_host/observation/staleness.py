# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a restart of a unit would run something else, for the modules that ask: _plan/staleness.py, asked of what is loaded."""

from __future__ import annotations

from typing import Collection, Sequence

from ..._dataclasses import dataclass, replace
from ..._inquiry.unit_properties import Shown
from ..._plan import staleness
from ..._plan.observed import Manifest, UnitState
from ..._systemd_cli import parse, unit_queries
from ..._unitfile.syntax import Document, UnitSyntaxError
from ..._unitfile.syntax import parse as parsed
from ..io.context import HostContext
from .foreign import Foreigners, Subject
from .process_inputs import given_to


@dataclass(frozen=True)
class Stale:
    """answer: None where it cannot be known."""

    answer: bool | None = None
    causes: tuple[str, ...] = ()


def judge(
    name: str, shown: Shown, carried: Sequence[str], ranked: Sequence[Manifest], every: Sequence[Manifest], context: HostContext
) -> Stale:
    """carried: the stamps of what runs. ranked: the records of the stacks that it belongs to, that of its owner first."""
    state = parse.unit_state(name, shown)
    state = replace(state, stamp=carried[0] if carried else "", other_stamps=tuple(carried[1:]))
    records = [manifest.units[name] for manifest in ranked if name in manifest.units]
    records = [record for record in records if record["invocation"] == state.invocation]
    wanted = unit_queries.carried(shown.get("LogExtraFields", "")).stamps
    if context.commands.is_for_user:  # a process has in its environment what was set last, and nothing else tells
        wanted = wanted[-1:]
    answers = [[staleness.lacks(stamp, state, record) for record in (*records, None)] for stamp in wanted]
    causes = ["it was started with an earlier configuration"] if any(_is_lacking(each) for each in answers) else []
    if carried and not wanted:
        causes = ["it was started with a unit file of a stack, which is gone"]
    is_known = bool(wanted) and all(any(answer is not None for answer in each) for each in answers)
    causes += _foreign_causes(state, ranked[0], every, context) if ranked else []
    return Stale(True if causes else False if is_known else None, tuple(causes))


def _is_lacking(answers: Sequence[bool | None]) -> bool:
    return False not in answers and True in answers


def _foreign_causes(state: UnitState, owner: Manifest, every: Sequence[Manifest], context: HostContext) -> list[str]:
    last = owner.units.get(state.name)
    record = last if last and last["invocation"] == state.invocation else None
    if state.main_pid:
        state = replace(state, given=given_to(state.main_pid, deeply=record is None or "foreign" not in record))
    own = _own(state, owner, context)
    subject = Subject(state, _document(state, own, context), own, is_own=state.fragment in own)
    others = [manifest for manifest in every if manifest.stack != owner.stack]
    foreign = Foreigners(context.manager.scope, context.disk, others).of(subject)
    found = staleness.causes_of(state, record, last, foreign)
    return [*found.restart, *found.reload]


def _own(state: UnitState, owner: Manifest, context: HostContext) -> set[str]:
    """The files of its stack, but for those that somebody has changed since."""
    read = {path for path, _may_be_missing in state.environment_files if path in owner.files and path not in owner.sealed}
    changed = {path for path in read if context.disk.followed(path).sha256 not in owner.wrote(path)}
    return {*owner.files} - changed


def _document(state: UnitState, own: Collection[str], context: HostContext) -> Document:
    """What its stack has declared of it, as it lies on the disk."""
    texts = [context.disk.followed(path).content or b"" for path in (state.fragment, *state.dropins) if path in own]
    try:
        return parsed("\n".join(text.decode("utf-8", "replace") for text in texts))
    except UnitSyntaxError:
        return parsed("")
