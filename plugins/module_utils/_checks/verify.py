# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `systemd-analyze verify` says of the staged units → problems and warnings with places of the declaration.

It is the host's own word on every value. It ends well for what systemd would ignore, so that its lines count, not its
return code.
"""

from __future__ import annotations

import re
from typing import Iterable, Mapping, Sequence

from .._declaration.problems import Problems
from .._desired.value_kinds import reader_of
from .._unitfile.names import BadUnitName, split_unit_name, template_of, type_of
from .._unitfile.syntax import Entry
from .._unitfile.values import Words
from .verify_output import Verdict
from .written_units import Text, Written

# Said of lines that are no mistake: what is old but works, what is taken all the same, and what another build of systemd,
# another kernel or another version of a library would know.
_HARMLESS = re.compile(
    r"Ignoring unknown escape"
    r"|obsolete|deprecated|legacy|please (?:use|update)|will be removed|has been removed|not safe|unsafe|not supported"
    r"|not compiled|[Ss]upport for|[Ss]ystem call|systemcall|capabilit(?:y|ies)|[Ff]ile ?system|not available"
)
# Said of lines that systemd does not take as they are meant.
_WRONG = re.compile(
    r"ignor|[Ff]ailed to|[Ii]nvalid|not absolute|not normalized|Neither a valid|[Mm]issing|[Uu]nknown|out of range|too long"
    r"|not valid|[Uu]nbalanced|bad |empty|must |cannot |may not |[Rr]efus|[Uu]nresolvable|not allowed|no such"
)
# Told by our own checks, with a better place: programs (needs.py) and dependencies (dependencies.py).
_OURS = re.compile(
    r".* is not executable: .*|.*not loaded, \S+ cannot be started\.?|Failed to create \S+/start: Unit \S+ not found\."
    r"|.*Trigger unit .*|.*Unit to trigger .*|Failed to load environment files.*"
)
# Follows from a line that has been told.
_CONSEQUENCE = re.compile(r"Unit configuration has fatal error.*|Unit (\S+) has a bad unit file setting\.")
# A line for each member; of 262 a single one: "Found ordering cycle: a.service/start after b.service/start - after a.service".
_CYCLE = re.compile(r"Found (?:ordering cycle|dependency) on ([^/ ]+)|Found ordering cycle: (.*?)(?: - after .*)?$")


def check_verified(
    units: Sequence[Written], verdicts: Sequence[Verdict], staged: Mapping[str, Text], problems: Problems
) -> list[str]:
    """staged: path relative to the folder → what was written there. Returns warnings."""
    owners = {text.path: unit for unit in units for text in unit.texts}
    by_name = {unit.unit.name: unit for unit in units}
    warnings: list[str] = []
    for verdict in verdicts:
        text = staged.get(verdict.path)
        if text is not None and text.path in owners:
            _of_a_line(owners[text.path], text, verdict, problems, warnings)
    for verdict in verdicts:
        unit = _named(verdict, by_name)
        if unit is not None:
            _of_a_unit(unit, verdict, problems)
    _check_cycle(verdicts, by_name, problems)
    return list(dict.fromkeys(warnings))


def _of_a_line(unit: Written, text: Text, verdict: Verdict, problems: Problems, warnings: list[str]) -> None:
    entry = _entry_at(text, verdict.line)
    place = unit.place_of(text, entry) if entry else f"{text.place}, line {verdict.line}"
    hidden = entry is not None and entry.key in _MAY_BE_SECRET
    said = "(not shown, since the value may be a secret)" if hidden else verdict.text
    own = _own_words(verdict.text, entry)
    if _HARMLESS.search(own) or not _WRONG.search(own):
        advice = next((f". {text}" for words, text in _ADVICE if words in own), "")
        warnings.append(f"{place}: systemd says: {said}{advice}")
    elif place not in {problem.place for problem in problems.found}:  # told by a check of our own
        value = "not shown" if hidden else entry.value if entry else text.place
        problems.add(place, value, f"systemd does not take it: {said}", _remedy(entry))


# What is to be done about a line that systemd takes all the same.
_ADVICE = (
    ("unknown escape", r"It hands the backslash on as it is. Double it, as in \\d, so that no other version reads more in it."),
)


def _own_words(text: str, entry: Entry | None) -> str:
    """The message without what it quotes of the value: behind a colon, in quotes, behind the key, or as bare words.

    "Failed to parse Restart=unsafe, ignoring: Invalid argument" says nothing of what is unsafe.
    """
    plain = _QUOTED.sub("", text.partition(": ")[0])
    if entry is None:
        return plain
    value = set(_WORD.findall(entry.value))
    plain = plain.replace(f"{entry.key}={entry.value}", f"{entry.key}=")
    return "".join(word for word in _PARTS.findall(plain) if word not in value)


_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_WORD = re.compile(r"[^\s,;=\"']+")
_PARTS = re.compile(r"[^\s,;=\"']+|[\s,;=\"']+")
_MAY_BE_SECRET = frozenset(("Environment", "SetCredential", "SetCredentialEncrypted"))


def _entry_at(text: Text, line: int) -> Entry | None:
    """systemd counts the last line of a continued assignment."""
    before = [entry for entry in text.document.entries if entry.line <= line]
    return before[-1] if before else None


def _remedy(entry: Entry | None) -> str:
    reader = reader_of(entry.section, entry.key) if entry else None
    if isinstance(reader, Words):
        return f"It takes one of: {reader.choices}."
    return f"See {entry.key}= in systemd.directives(7) for what it takes." if entry else "See systemd.syntax(7)."


def _named(verdict: Verdict, by_name: Mapping[str, Written]) -> Written | None:
    consequence = _CONSEQUENCE.fullmatch(verdict.text)
    return _unit_of(verdict.unit or (consequence.group(1) if consequence else "") or "", by_name)


def _unit_of(name: str, by_name: Mapping[str, Written]) -> Written | None:
    """The unit of ours of this name, or the template of which it is an instance."""
    try:
        return by_name.get(name) or (by_name.get(template_of(name)) if split_unit_name(name).is_instance else None)
    except BadUnitName:
        return None


def _of_a_unit(unit: Written, verdict: Verdict, problems: Problems) -> None:
    told = any(_is_below(problem.place, unit.unit.place) for problem in problems.found)
    if _OURS.fullmatch(verdict.text) or _CYCLE.match(verdict.text):
        return
    if _CONSEQUENCE.fullmatch(verdict.text) and told:
        return
    if _CONSEQUENCE.fullmatch(verdict.text) or verdict.text.endswith("Refusing."):
        remedy = f"See systemd.{type_of(unit.unit.name)}(5) for what such a unit needs."
        problems.add(unit.unit.place, unit.unit.name, f"systemd does not load it: {verdict.text}", remedy)


def _is_below(place: str, above: str) -> bool:
    return place == above or place.startswith((f"{above}.", f"{above},"))


def _check_cycle(verdicts: Iterable[Verdict], by_name: Mapping[str, Written], problems: Problems) -> None:
    """A cycle that involves foreign units: systemd would drop one of its jobs, or refuse to start it."""
    circle: list[str] = []
    for verdict in verdicts:
        match = _CYCLE.match(verdict.text)
        if match:
            circle += [match.group(1)] if match.group(1) else [job.split("/")[0] for job in match.group(2).split(" after ")]
        elif circle:
            _tell_circle(circle, by_name, problems)
            circle = []
    _tell_circle(circle, by_name, problems)


def _tell_circle(circle: Sequence[str], by_name: Mapping[str, Written], problems: Problems) -> None:
    """Reported where it was declared: systemd begins its report of a cycle at any member."""
    members = list(dict.fromkeys(circle))
    own = sorted(((unit, name) for name in members for unit in [_unit_of(name, by_name)] if unit), key=lambda each: each[1])
    if not own:
        return
    declared = [(*each, key) for each in own for key in ("After", "Before") if _orders(each[0], key, members)]
    unit, name, key = declared[0] if declared else (*own[0], "After")
    place = unit.place("Unit", key)
    if place not in {problem.place for problem in problems.found}:
        begin = members.index(name)
        told = ", ".join(members[begin:] + members[:begin])
        problems.add(place, unit.unit.name, f"ordering cycle: {told}", "Take one After= or Before= away.")


def _orders(unit: Written, key: str, members: Sequence[str]) -> bool:
    """Whether it names one of the members in this directive."""
    values = (entry.value for _place, entry in unit.entries() if (entry.section, entry.key) == ("Unit", key))
    return any(word in members for value in values for word in value.split())
