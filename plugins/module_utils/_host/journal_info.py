# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the journal backwards, page by page, until enough is found: never more of it at a time than a page. Changes nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any, Iterator, Mapping

from .._declaration.problems import Problems
from .._inquiry.entries import Entry, answer_of, invocations, is_too_long, microseconds, text
from .._inquiry.journal_query import JournalQuery, journal_query
from .._inquiry.unit_query import fits, is_pattern
from .._systemctl import argv, journal
from .._systemctl.journal import Selection
from .commands import Commands, HostError
from .tools import Tools

_PAGE = 1000  # entries; none has more than 4 KiB a field, unless it is asked for in full
_LONG_PAGE = 20  # of those that are
_SEARCHED = 200_000  # entries, of which few or none fit: some seconds


def journal_info(params: Mapping[str, Any], tools: Tools, _only_looks: bool) -> dict[str, Any]:
    query = journal_query(params)
    if query.is_for_nothing:
        return {"entries": [], "truncated": False, "searched": 0, "warnings": []}
    reader = _Reader(tools.commands, words=dict.fromkeys(_blind_spots(tools.commands.is_for_user)))
    tools.commands.attempt(argv.journal_sync())  # what was said a moment ago; others than root do without
    selection = _selection(query, tools.commands, reader)
    return (
        _answer(selection, reader)
        if selection
        else {"entries": [], "truncated": False, "searched": reader.searched, **reader.said}
    )


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


def _selection(query: JournalQuery, commands: Commands, reader: _Reader) -> Selection | None:
    """None where there is no such invocation."""
    uid = commands.uid if commands.is_for_user else None
    if uid is not None:
        query = replace(query, units=_without_globs(query, commands))
    since, until = _epoch("since", query.since, commands), _epoch("until", query.until, commands)
    selection = Selection(query, uid, since=since, until=until)
    if query.invocation is None:
        return selection
    found = query.invocation.id or _counted_back(query, uid, reader)
    return replace(selection, invocation=found) if found else None


def _without_globs(query: JournalQuery, commands: Commands) -> tuple[str, ...]:
    """Of a user's units journalctl takes names alone, told by fields. A glob that fits none of them stays, and finds none."""
    if not any(is_pattern(unit) for unit in query.units):
        return query.units
    known = commands.output(journal.units_of_users(), as_root=True).split()
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


def _counted_back(query: JournalQuery, uid: int | None, reader: _Reader) -> str:
    """The ID of an invocation: the journal is read backwards until as many have been met."""
    everything = Selection(replace(query, priorities=None, pattern=None, release="", count=_PAGE), uid)
    wanted = query.invocation.back if query.invocation else 0
    met: list[str] = []
    for page in reader.pages(everything, first=50):
        met = list(dict.fromkeys([*met, *invocations(page, query.units[0])]))
        if len(met) > wanted:
            return met[wanted]
    return ""


def _answer(selection: Selection, reader: _Reader) -> dict[str, Any]:
    query, found = selection.query, []
    first = _PAGE if query.pattern or (query.release and not selection.tells_release) else min(query.count + 1, _PAGE)
    for page in reader.pages(selection, first):
        for entry in reader.complete(page, selection):
            if _fits(entry, query):
                found.append(answer_of(entry, journal.release_of(entry)))
        if len(found) > query.count:
            break
    truncated = len(found) > query.count or reader.has_given_up
    entries = found[: query.count][::-1]
    return {"entries": entries, "truncated": truncated, "searched": reader.searched, **reader.said}


def _fits(entry: Entry, query: JournalQuery) -> bool:
    if query.release and journal.release_of(entry) != query.release:
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
        return page.entries


def _fail(words: tuple[str, ...], command: list[str]) -> None:
    problems, known = Problems(), journal.complaint(words)
    if known is None:
        raise HostError(f"{' '.join(command)} failed: {' '.join(words)}")
    option, problem = known
    value = next((word.partition("=")[2] for word in command if word.startswith(f"--{option}=")), "")
    problems.add(option, value, problem, "See journalctl --list-boots.")
    problems.raise_if_any()
