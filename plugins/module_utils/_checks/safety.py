# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who else could take over a unit? What root runs, reads as its environment or obeys must be changed by root alone.

For every such path the way to it is looked at, name by name from "/": whoever may write a directory on it may put
something else there. What the stack itself writes counts as it will be, the rest as it is. trusted_paths.py says which paths.
"""

from __future__ import annotations

from typing import Literal, Mapping, Sequence

from .._dataclasses import dataclass, replace
from .._declaration.problems import Problems
from .._desired.desired import Desired, File
from .._desired.sysusers_tmpfiles import Attributes, attributes_in
from .._plan.removal import ancestors
from .trusted_paths import Owner, Use
from .written_units import Written

_GROUP_WRITES, _ALL_WRITE, _STICKY = 0o020, 0o002, 0o1000


StepKind = Literal["directory", "file", "link", "pipe", "missing", "other"]


@dataclass(frozen=True)
class PathStep:
    """One name on the way to a path, as lstat(2) sees it. kind: directory, file, link, pipe (or socket), missing, or other.

    path: where it really lies; asked: how the unit got there, "" for what only a link has led to. members: of its group,
    where that may write and is not root's. by_acl: who else may write, by its ACL: acl(5).
    """

    path: str
    asked: str = ""
    kind: StepKind = "directory"
    mode: int = 0o755
    owner: str = "root"
    group: str = "root"
    members: tuple[str, ...] = ()
    by_acl: tuple[str, ...] = ()


# Path → its steps, that of "/" first.
Trails = Mapping[str, Sequence[PathStep]]


@dataclass(frozen=True)
class Weakness:
    """problem: a clause about the path; remedy: a sentence."""

    path: str
    problem: str
    remedy: str


def check_safety(
    units: Sequence[tuple[Written, Sequence[Use]]],
    trails: Trails,
    members: Mapping[str, tuple[str, ...]],
    owner: Owner,
    desired: Desired,
    problems: Problems,
) -> None:
    """Adds a problem for each place where a unit could be taken over, once a unit. members: of the groups that the stack
    gives its files to, which may write them.
    """
    plans = _Plans(desired, owner, members)
    for written, uses in units:
        seen = set()
        for use in uses:
            found = _weakness(plans.completed(use.path, trails.get(use.path, ())), owner, plans)
            if found and found.path not in seen:
                seen.add(found.path)
                problem = f"{use.how}, and {found.problem}"
                remedy = plans.remedy(found)
                if use.is_ours:  # it does not matter whom the unit runs as
                    remedy = remedy.partition(", or run {unit}")[0]
                remedy = remedy.replace("{unit}", written.unit.name)
                problems.add(use.place, use.path, problem, remedy)


class _Plans:
    """What the stack is about to make of a step."""

    def __init__(self, desired: Desired, owner: Owner, members: Mapping[str, tuple[str, ...]]) -> None:
        self._files = {file.path: file for file in desired.files}
        self._given = attributes_in(desired.files)
        self._made = {*desired.paths, *(above for path in desired.paths for above in ancestors(path))}
        self._owner = owner
        self._members = members

    def are_made(self, step: PathStep) -> bool:
        return bool({step.path, step.asked} & self._made)

    def completed(self, path: str, trail: Sequence[PathStep]) -> Sequence[PathStep]:
        """A trail ends where nothing is yet; what the stack is about to put at its end counts."""
        return [*trail, PathStep(path, path, "missing")] if trail and path in self._files and trail[-1].asked != path else trail

    def file(self, step: PathStep) -> File | None:
        return self._files.get(step.path) or self._files.get(step.asked)

    def after(self, step: PathStep) -> PathStep:
        """tmpfiles.d has the last word."""
        given = self._given.get(step.path) or self._given.get(step.asked)
        written = self._written(step)
        return self._with(written, given) if given else written

    def remedy(self, weakness: Weakness) -> str:
        """To change on the host what tmpfiles.d gives would not last."""
        is_given = weakness.path in self._given
        return "Give it another owner or mode in tmpfiles.d" if is_given else weakness.remedy

    def _with(self, step: PathStep, given: Attributes) -> PathStep:
        if step.kind == "missing":
            step = replace(step, kind="directory" if given.is_directory else "file")
        group = given.group or step.group
        members = step.members if group == step.group else self._members.get(group, ())
        mode = step.mode if given.mode is None else given.mode
        return replace(step, mode=mode, owner=given.owner or step.owner, group=group, members=members)

    def _written(self, step: PathStep) -> PathStep:
        file = self.file(step)
        if file is None:
            return step
        if step.kind in ("missing", "link"):
            step = PathStep(step.path, step.asked, "file", 0o644, self._owner.name, self._owner.name)
        if file.group is not None:
            step = replace(step, group=file.group, members=self._members.get(file.group, ()))
        mode = step.mode if file.mode is None else file.mode
        return replace(step, mode=mode, owner=file.owner or step.owner)


def _weakness(trail: Sequence[PathStep], owner: Owner, plans: _Plans) -> Weakness | None:
    """The first place on the way where somebody else could put something of his own."""
    shared: tuple[PathStep, str] | None = None  # a directory with the sticky bit, and who can write it
    for observed in trail:
        step = plans.after(observed)
        if step.kind == "other":  # a device: /dev/null is for all to write, and no harm
            return None
        if step.kind == "missing":
            if not plans.are_made(step):
                return _missing(step, *shared) if shared else None
            shared = None
            continue
        # A link has no mode, and its owner cannot change it; but in /tmp he may put another one in its place.
        if step.owner not in owner.trusted and (step.kind != "link" or shared):
            return _foreign(step, owner, plans.file(step))
        shared = None
        strangers = writers(step, owner)
        if not strangers:
            continue
        if step.kind == "directory" and step.mode & _STICKY:
            shared = (step, strangers)  # there only the owner of a name can remove or rename it: unlink(2)
            continue
        return writable(step, strangers, plans.file(step))
    return _shared(*shared) if shared else None


def writers(step: PathStep, owner: Owner) -> str:
    """Who besides those who may: "everybody", "the members of group staff (anna)", or nobody, ""."""
    if step.kind == "link":
        return ""
    if step.mode & _ALL_WRITE:
        return "everybody"
    given = sorted(set(step.by_acl) - owner.trusted)
    if given:
        return f"{_some(given)}, by its ACL"
    strangers = sorted(set(step.members) - owner.trusted)
    if step.mode & _GROUP_WRITES and strangers:
        return f"the members of group {step.group} ({_some(strangers)})"
    return ""


def _some(names: Sequence[str]) -> str:
    return f"{', '.join(names[:3])}{' …' if names[3:] else ''}"


def _missing(step: PathStep, above: PathStep, writers: str) -> Weakness:
    problem = f"{step.path} does not exist, and can be made by {writers}: {above.path} is theirs to write ({above.mode:04o})"
    return Weakness(step.path, problem, f"Put it somewhere else than below {above.path}")


def _shared(step: PathStep, writers: str) -> Weakness:
    problem = f"{step.path} ({step.mode:04o}, {step.owner}:{step.group}) can be written by {writers}"
    return Weakness(step.path, problem, f"Use another directory than {step.path}")


def _foreign(step: PathStep, owner: Owner, file: File | None) -> Weakness:
    problem = f"{step.path} ({step.mode:04o}) belongs to {step.owner}, who can change it"
    mend = f"Give {file.place} the owner {owner.name}" if file and file.owner else f"Run chown {owner.name} {step.path}"
    return Weakness(step.path, problem, f"{mend}, or run {{unit}} as {step.owner} (User=)")


def writable(step: PathStep, strangers: str, file: File | None = None) -> Weakness:
    if step.mode & _STICKY:  # it is meant for all, as /tmp is
        return _shared(step, strangers)
    bits = ("g" if step.mode & _GROUP_WRITES else "") + ("o" if step.mode & _ALL_WRITE else "")
    problem = f"{step.path} ({step.mode:04o}, {step.owner}:{step.group}) can be written by {strangers}"
    safe = step.mode & ~0o022
    if step.by_acl and not step.mode & _ALL_WRITE:
        return Weakness(step.path, problem, f"Run setfacl --remove-all {step.path}")
    if file and file.mode is not None:
        return Weakness(step.path, problem, f'Give {file.place} the mode "{safe:04o}"')
    return Weakness(step.path, problem, f"Run chmod {bits}-w {step.path}")
