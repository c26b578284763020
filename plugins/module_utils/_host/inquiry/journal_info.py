# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the journal backwards, page by page, until enough is found: never more of it at a time than a page. Changes nothing."""

from __future__ import annotations

import os
from typing import Any, Iterator, Mapping, Sequence

from ..._dataclasses import dataclass, field, replace
from ..._declaration.problems import Problems
from ..._inquiry.journal_entries import Entry, answer_of, has_priority, is_too_long, microseconds, of_invocation, text
from ..._inquiry.journal_query import JournalQuery, journal_query
from ..._systemd_cli import argv, journal
from ..._systemd_cli.journal import Selection
from ..._unitfile.patterns import fits, is_pattern
from ..io.commands import Commands, HostError
from ..io.context import HostContext

_PAGE = 1000  # entries; none has more than 4 KiB a field, unless it is asked for in full
_FIRST_PAGE = 100  # of one start of a unit, which may have said little
_LONG_PAGE = 20  # of those that are
_SEARCHED = 200_000  # entries, of which few or none fit: some seconds


def journal_info(params: Mapping[str, Any], context: HostContext, _only_looks: bool) -> dict[str, Any]:
    query = journal_query(params)
    if query.is_for_nothing:
        return {"entries": [], "truncated": False, "searched": 0, "warnings": []}
    reader = _Reader(context.commands, words=dict.fromkeys(_blind_spots(context.commands.is_for_user)))
    context.commands.attempt(argv.journal_sync())  # what was said a moment ago; others than root do without
    return _answer(_selection(query, context.commands), reader)


def last_entries(units: Sequence[str], count: int, context: HostContext) -> dict[str, list[dict[str, Any]]]:
    """Unit → the newest entries of each."""
    if not units or not count:
        return {}
    context.commands.attempt(argv.journal_sync())
    queries = {unit: journal_query({"unit": [unit], "count": count}) for unit in units}
    selections = {unit: _selection(query, context.commands) for unit, query in queries.items()}
    return {unit: _answer(selection, _Reader(context.commands))["entries"] for unit, selection in selections.items()}


_DIRECTORIES = ("/var/log/journal", "/run/log/journal")  # systemd-journald.service(8)


def _blind_spots(own_will_do: bool) -> list[str]:
    """journalctl says so itself, but not in JSON. own_will_do: the files of one's own."""
    folders = [f"{directory}/{name}" for directory in _DIRECTORIES for name in _names_in(directory)]
    files = [f"{folder}/{name}" for folder in folders for name in _names_in(folder) if name.endswith(".journal")]
    can_read = {file: os.access(file, os.R_OK) for file in files}
    is_blind = not any(can_read.values()) if own_will_do else not all(can_read.values())
    remedy = "add become: true, or let them join the group systemd-journal"
    return [f"The user of this task may not read the whole journal: {remedy}."] if files and is_blind else []


def _names_in(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _selection(query: JournalQuery, commands: Commands) -> Selection:
    uid = commands.uid if commands.is_for_user else None
    if uid is not None:
        query = replace(query, units=_without_globs(query, commands))
    since, until = _epoch("since", query.since, commands), _epoch("until", query.until, commands)
    return Selection(query, uid, since=since, until=until)


def _without_globs(query: JournalQuery, commands: Commands) -> tuple[str, ...]:
    """Of a user's units journalctl takes names alone, told by fields. A glob that fits none of them stays, and finds none."""
    if not any(is_pattern(unit) for unit in query.units):
        return query.units
    known = [unit for command in journal.units_of_users() for unit in commands.output(command, as_root=True).split()]
    return tuple(dict.fromkeys(name for unit in query.units for name in (unit, *(each for each in known if fits(unit, each)))))


def _epoch(place: str, given: float | str, commands: Commands) -> float:
    if not isinstance(given, str):
        return given
    rc, output = commands.everything(journal.when(given), {}) if given else (0, "")
    found = journal.epoch(output)
    if given and (rc or found is None):
        problems = Problems()
        remedy = "Write for example -1h, today, 2026-11-21 06:00:00 or 2026-11-21T06:00:00Z; see systemd.time(7)."
        problems.add(place, given, "is no time that systemd reads", remedy)
        problems.raise_if_any()
    return found or 0


def _answer(selection: Selection, reader: _Reader) -> dict[str, Any]:
    query, found = selection.query, []
    for entry, invocation in _entries(selection, reader):
        if _fits(entry, query):
            found.append(answer_of(entry, journal.release_of(entry), invocation))
        if len(found) > query.count:
            break
    truncated = len(found) > query.count or reader.has_given_up
    entries = found[: query.count][::-1]
    return {"entries": entries, "truncated": truncated, "searched": reader.searched, **reader.said}


def _entries(selection: Selection, reader: _Reader) -> Iterator[tuple[Entry, str | None]]:
    """With the invocation, where it was looked for. journalctl finds that of one unit by its lines, of others by its ID."""
    query = selection.query
    if query.invocation and len(query.units) == 1:
        reading = replace(selection, query=replace(query, priorities=None, release=""))
        if query.invocation.id:
            end = reader.end_of(replace(reading, invocation=query.invocation.id))
            reading = replace(reading, until=min(end, selection.until or end))
        return of_invocation(reader.entries(reading, _FIRST_PAGE), query.invocation)
    if query.invocation:
        selection = replace(selection, invocation=query.invocation.id)
    is_searched = query.pattern or (query.release and not selection.tells_release)
    return ((entry, None) for entry in reader.entries(selection, _PAGE if is_searched else min(query.count + 1, _PAGE)))


def _fits(entry: Entry, query: JournalQuery) -> bool:
    if query.release and journal.release_of(entry) != query.release:
        return False
    if not has_priority(entry, query.priorities):
        return False
    return not query.pattern or query.pattern.search(text(entry.get("MESSAGE")) or "") is not None


@dataclass
class _Reader:
    """journalctl, as pages of entries. It stands still for what others write, vacuum or rotate meanwhile."""

    commands: Commands
    searched: int = 0
    has_given_up: bool = False
    words: dict[str, None] = field(default_factory=dict)

    @property
    def said(self) -> dict[str, Any]:
        gave_up = f"The newest {self.searched} entries were searched, and no more: narrow the time, or name the unit."
        return {"warnings": [*self.words, *([gave_up] if self.has_given_up else [])]}

    def entries(self, selection: Selection, first: int) -> Iterator[Entry]:
        return (entry for page in self.pages(selection, first) for entry in self.complete(page, selection))

    def end_of(self, selection: Selection) -> float:
        """When the last line was written of what is selected, and a second more for those that were read late."""
        newest = self._read(journal.read(selection, 1))
        return microseconds(newest[0]) / 1e6 + 1 if newest else 1

    def pages(self, selection: Selection, first: int) -> Iterator[list[Entry]]:
        lines, before = first, ""
        while not self.has_given_up:
            entries = self._read(journal.read(selection, lines, before))
            wanted = [entry for entry in entries if microseconds(entry) >= selection.since * 1e6]
            self.searched += len(wanted)
            yield wanted
            if len(entries) < lines or len(wanted) < len(entries):
                return
            self.has_given_up = self.searched >= _SEARCHED
            lines, before = _PAGE, journal.cursor(entries[-1])

    def complete(self, page: list[Entry], selection: Selection) -> Iterator[Entry]:
        """With the messages that were too long to be shown, which are asked for a few at a time."""
        position = 0
        while position < len(page):
            if not is_too_long(page[position]):
                yield page[position]
                position += 1
                continue
            run = page[position : position + _LONG_PAGE]
            lines = next((index for index, entry in enumerate(run) if not is_too_long(entry)), len(run))
            command = journal.read(selection, lines, at=journal.cursor(run[0]), complete=True)
            in_full = {journal.cursor(entry): entry for entry in self._read(command)}
            yield from (in_full.get(journal.cursor(entry), entry) for entry in run[:lines])
            position += lines

    def _read(self, command: list[str]) -> list[Entry]:
        rc, output = self.commands.everything(command, {})
        page = journal.page(output)
        if rc == 0:
            self.words.update(dict.fromkeys(page.words))
        elif not journal.finds_nothing(page.words):
            _fail(page.words, command)
        return [journal.trusted(entry, self.commands.is_for_user) for entry in page.entries]


def _fail(words: tuple[str, ...], command: list[str]) -> None:
    problems, known = Problems(), journal.complaint(words)
    if known is None:
        raise HostError(f"{' '.join(command)} failed: {' '.join(words)}")
    option, problem = known
    value = next((word.partition("=")[2] for word in command if word.startswith(f"--{option}=")), "")
    problems.add(option, value, problem, "See journalctl --list-boots.")
    problems.raise_if_any()
