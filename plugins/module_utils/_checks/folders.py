# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose folder is it? What somebody else than root may write is worked in as this user, or not at all.

Who may write a folder can exchange whatever root is about to write there, and each folder below it. The door
(_host/io/door.py) keeps root from being led astray; here it is refused before anything is touched.
"""

from __future__ import annotations

from typing import Iterable, Mapping, Sequence

from .._dataclasses import dataclass
from .._declaration.problems import Problems
from .safety import PathStep, Weakness, writable, writers
from .trusted_paths import Owner


@dataclass(frozen=True)
class Rule:
    """way: from "/" to a declared path; verdict: what becomes of it; because: why."""

    way: str
    verdict: str
    because: str


# docs/hardening.md has it, and a test holds the two together.
RULES = {
    "root": Rule("only root can write the folders on it", "written as root", "nobody can exchange anything"),
    "user": Rule(
        "from some folder on all belong to one user, and nobody else can write them",
        "written as this user",
        "nothing is done that this user could not do alone; what was declared decides who owns the file",
    ),
    "shared": Rule(
        "a folder on it can be written by everybody, by members of its group, or by its ACL",
        "refused",
        "nobody can tell who would exchange what is written there",
    ),
    "crossing": Rule(
        "a folder of a user leads to one of another, or of root",
        "refused",
        "the user can exchange the inner one for another folder that is not theirs",
    ),
}


@dataclass(frozen=True)
class Declared:
    """A path that is about to change. place: where the declaration says so. is_removed: nothing is written there."""

    path: str
    place: str
    is_removed: bool = False


def check_folders(
    declared: Iterable[Declared], trails: Mapping[str, Sequence[PathStep]], owner: Owner, problems: Problems
) -> None:
    """Adds a problem for each folder that must not be written in, once."""
    seen = set()
    for each in declared:
        _rule, found = judged(each, trails.get(each.path, ()), owner)
        if found and found.path not in seen:
            seen.add(found.path)
            problems.add(each.place, each.path, f"it would be {_done(each)} as root, and {found.problem}", found.remedy)


def judged(declared: Declared, trail: Sequence[PathStep], owner: Owner) -> tuple[str, Weakness | None]:
    """The rule that counts, and the folder that breaks it."""
    folders = [step for step in trail if step.kind == "directory" and declared.path not in (step.path, step.asked)]
    hands = ""
    for number, step in enumerate(folders):
        is_last = number == len(folders) - 1
        if hands and step.owner != hands:
            return "crossing", _crossing(step, folders[number - 1])
        if not hands and step.owner not in owner.trusted:
            hands = step.owner
        # In /tmp nobody can exchange what belongs to another: what lies deeper is as safe as its own folder.
        is_passed = bool(step.mode & 0o1000) and not is_last
        others = writers(step, Owner(hands) if hands else owner)
        if others and not declared.is_removed and not is_passed:
            return "shared", writable(step, others)
    return ("user" if hands else "root"), None


def _crossing(step: PathStep, above: PathStep) -> Weakness:
    problem = f"{step.path} belongs to {step.owner}, in a folder of {above.owner}, who can exchange it ({above.path})"
    return Weakness(step.path, problem, f"Run chown {above.owner} {step.path}, or use a folder that is root's all the way")


def _done(declared: Declared) -> str:
    return "removed" if declared.is_removed else "written"
