# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Foreign units whose name a unit of the stack takes: who is asked, how they end, and how they come back.

A unit file in /etc hides those of the same name that lie further down (systemd.unit(5), "Unit File Load Path"), without a
word, and the process that was started from one of them runs on. A transient unit lies higher and hides ours.
"""

from __future__ import annotations

import posixpath
from typing import Any, Iterable, Mapping

from .._declaration.problems import Problems
from .._desired import enablement, stamp
from .._desired.desired import Desired, Link, Unit
from .._desired.stamp import Stamps
from .._desired.unit_file_state import UnitFileState
from .._unitfile.names import template_of
from .._unitfile.syntax import Document, UnitSyntaxError, parse
from .actions import Action, MakeLink, Remove, SetAside, Start, Stop, WriteFile
from .observed import Manifest, Observed

MASK = "/dev/null"
_TRANSIENT = "/systemd/transient/"
# What needs no consent. A transient unit ends by itself, and at the latest at the next boot (systemd-run(1)); a unit file is
# the way to replace a script of SysV init (systemd-sysv-generator(8): "native unit files take precedence").
_GIVES_WAY = ("transient", "sysv")
_PACKAGES = ("/usr/lib/", "/lib/", "/usr/share/")
_REMEDY = (
    "Choose another name, add drop-ins to it, or say adopt: true to take its place; it is enabled and runs again as before "
    "when the stack goes."
)
# What a unit is stopped by: where its own definition has one of these, it is stopped before ours is read.
_ENDS = ("ExecStop", "ExecStopPost", "KillMode", "KillSignal", "TimeoutStopSec")


def _origin(hidden: UnitFileState) -> str:
    if hidden.kind == "generated":
        return "which a generator has made, for example of /etc/fstab"
    if hidden.kind == "linked":
        return f"a link to {hidden.target}"
    if hidden.path.startswith("/run/"):
        return "which was made until the next boot"
    return "which a package has installed" if hidden.path.startswith(_PACKAGES) else "which this stack has not made"


def check(desired: Desired, observed: Observed, problems: Problems) -> None:
    """Foreign units are hidden with consent alone."""
    places = {link.path.rpartition("/")[2]: unit.place for unit in desired.units for link in unit.links}
    units = {unit.name: unit for unit in desired.units if unit.has_file}
    for name, hidden in observed.hidden.items():
        unit = units.get(name)
        place = unit.place if unit else places.get(name, name)
        if hidden.kind in _GIVES_WAY or desired.adopt or posixpath.dirname(hidden.path) == desired.scope.unit_directory:
            continue
        if hidden.kind == "masked":
            if unit and unit.masked is not False:
                problems.add(place, name, f"it is masked by {hidden.path}", "Say masked: false to unmask it.")
        elif hidden.kind == "alias":
            if unit:
                target = hidden.target.rpartition("/")[2]
                problems.add(place, name, f"it is an alias of {target}, made by {hidden.path}", _REMEDY)
        else:
            problems.add(place, name, f"it would hide {hidden.path}, {_origin(hidden)}", _REMEDY)


# While it is taken


def is_transient(name: str, observed: Observed) -> bool:
    return _TRANSIENT in observed.unit(name).fragment


def endings(desired: Desired, observed: Observed) -> list[Action]:
    """Before all else: how foreign units end whose place is taken, by the definition that they were started with.

    A restart would read ours first. The file of a transient unit would go with its stop, and is removed before, so that the
    rollback knows it; one that has failed stays, and hides ours.
    """
    actions: list[Action] = []
    for unit in desired.units:
        if unit.is_template or not _is_defined(unit, desired):
            continue
        state = observed.unit(unit.name)
        if is_transient(unit.name, observed) and observed.path(state.fragment).kind == "file":
            actions.append(Remove(state.fragment, f"as a transient unit it would win over {unit.path}"))
        if unit.state != "stopped" and unit.on_change != "keep" and _must_stop_first(unit, observed):
            actions.append(Stop(unit.name, f"it runs {state.fragment}, and makes way for {unit.path}"))
    return actions


def _must_stop_first(unit: Unit, observed: Observed) -> bool:
    state = observed.unit(unit.name)
    if not (state.is_up or state.is_looping):
        return False
    old = definition(unit.name, observed)
    ends = old is not None and runs_another(unit, observed) and any(old.values("Service", key) for key in _ENDS)
    return is_transient(unit.name, observed) or ends


def _is_defined(unit: Unit, desired: Desired) -> bool:
    """By a unit file of the stack, its own or that of its template."""
    return unit.has_file or any(other.has_file and other.path == unit.path for other in desired.units)


def runs_another(unit: Unit, observed: Observed) -> bool:
    """It is up, but systemd has read another unit file than that which the stack has written, or is about to write.

    A process that carries a stamp was started by a stack, wherever its file is by now.
    """
    state, file = observed.unit(unit.name), observed.paths.get(unit.path)
    if file is None or not state.fragment or state.stamp:
        return False
    return file.kind != "file" or enablement.plain(state.fragment) != enablement.plain(unit.path)


def definition(name: str, observed: Observed) -> Document | None:
    """Of the foreign unit; None where it is not known."""
    hidden = observed.hidden.get(name) or observed.hidden.get(template_of(name) if "@" in name else name)
    try:
        return parse(hidden.text) if hidden and hidden.text else None
    except UnitSyntaxError:  # systemd may make more of it than we do
        return None


def stamps(unit: Unit, observed: Observed) -> Stamps | None:
    """What a foreign unit of this name has applied; None where it cannot be told, or is a process, which lacks our stamp."""
    old = definition(unit.name, observed)
    return None if old is None or unit.name.endswith(".service") else stamp.stamps_of(old, {})


def warnings(desired: Desired, observed: Observed) -> list[str]:
    """What was taken, in the run that takes it."""
    found = []
    for unit in desired.units:
        hidden = observed.hidden.get(unit.name)
        if unit.has_file and is_transient(unit.name, observed):
            found.append(f"{unit.name} was a transient unit (systemd-run), which ends: it would win over {unit.path}.")
        elif unit.has_file and hidden and hidden.kind == "sysv":
            found.append(f"{unit.name} takes the place of the script /etc/init.d/{unit.name[:-8]}.")
        elif unit.has_file and hidden and hidden.kind in ("file", "generated", "linked", "alias"):
            found.append(f"{unit.name} takes the place of {hidden.path}.")
    return found


# What is on record of it


def record(desired: Desired, observed: Observed, plan: Iterable[Action], old: Manifest) -> dict[str, dict[str, Any]]:
    """Unit → where the foreign definition lies, and whether it ran, of those that are declared still."""
    adopted = {action.target for action in plan if isinstance(action, SetAside)}
    names = {unit.name for unit in desired.units}
    found: dict[str, dict[str, Any]] = {}
    for unit in desired.units:
        hidden = observed.hidden.get(unit.name)
        path = unit.path if unit.has_file and unit.path in adopted else _place_of(hidden, unit.name)
        if not unit.has_file or not path:
            continue
        instances = observed.instances.get(unit.name, ())
        names.update(instances)
        for name in (*([] if unit.is_template else [unit.name]), *instances):
            found[name] = {"path": path, "ran": observed.unit(name).is_up}
    kept = {name: dict(each) for name, each in old.hidden.items() if name in names or _template(name) in names}
    return {**found, **kept}


def _place_of(hidden: UnitFileState | None, name: str) -> str:
    """Transient units do not come back."""
    if hidden is None or hidden.kind in ("transient", "masked"):
        return ""
    return f"/etc/init.d/{name.rpartition('.')[0]}" if hidden.kind == "sysv" else hidden.path


def _template(name: str) -> str:
    return template_of(name) if "@" in name and "@." not in name else name


def replaced(desired: Desired, observed: Observed, plan: Iterable[Action], old: Manifest) -> dict[str, dict[str, str]]:
    """Foreign links in whose place something of ours lies, or nothing: path → target, and the unit with which they return."""
    actions = tuple(plan)
    changed = {action.target for action in actions if isinstance(action, (MakeLink, WriteFile, Remove))}
    adopted = {action.target for action in actions if isinstance(action, SetAside)}
    found: dict[str, dict[str, str]] = {}
    for unit in desired.units:
        is_taken = unit.name in observed.hidden or unit.path in adopted
        for path, target in _links_about(unit, desired, observed):
            is_replaced = path in changed and (is_taken or path in desired.paths)
            is_same = unit.path in adopted and target == unit.path
            if (is_replaced or is_same) and path not in adopted and not is_ours(path, observed):
                found[path] = {"target": target, "unit": "" if _is_name(path, desired) else unit.name}
    names = {unit.name for unit in desired.units}
    kept = {path: dict(each) for path, each in old.replaced.items() if path in desired.paths or each["unit"] in names}
    return {**found, **kept}


def _links_about(unit: Unit, desired: Desired, observed: Observed) -> list[tuple[str, str]]:
    """Links that lie where those of a unit are to, or that enable it so far."""
    if not unit.has_file:
        return []
    wanted = {unit.path, *(link.path for link in unit.links)}
    folder = desired.scope.unit_directory
    return [
        (path, target)
        for path, target in observed.links.items()
        if path in wanted or (target != MASK and enablement.is_enabling(path, target, unit.name, unit.path, folder))
    ]


def _is_name(path: str, desired: Desired) -> bool:
    """An alias, or the unit file itself; else it enables a unit, below a folder such as .wants."""
    return posixpath.dirname(path) == desired.scope.unit_directory


def is_place(link: Link, desired: Desired) -> bool:
    """It gives a unit a further name."""
    return _is_name(link.path, desired) and link.target != MASK


def is_link_to(link: Link, target: str) -> bool:
    return _same(link.path, target, [link.target])


def is_ours(path: str, observed: Observed) -> bool:
    """Does the link that lies there still be what this stack has made?"""
    if observed.manifest is None:
        return False
    return _same(path, observed.path(path).target, observed.manifest.linked(path))


def _same(path: str, target: str, others: Iterable[str]) -> bool:
    """Relative targets and absolute ones, /lib and /usr/lib."""
    others = tuple(others)
    if target in others or not others:
        return bool(others)

    def whole(to: str) -> str:
        return enablement.plain(posixpath.normpath(posixpath.join(posixpath.dirname(path), to)))

    return whole(target) in {whole(other) for other in others}


# When it is given back


def links_that_return(desired: Desired, observed: Observed) -> dict[str, str]:
    """Path → target of the foreign links that lie there again when what has replaced them is gone."""
    manifest = observed.manifest
    names = {unit.name for unit in desired.units}
    found = {}
    for path, each in manifest.replaced.items() if manifest and not desired.is_partial else ():
        state = observed.path(path)
        is_free = state.kind == "missing" or (state.kind == "link" and is_ours(path, observed)) or _is_our_file(path, observed)
        is_same = state.kind == "link" and _same(path, state.target, [each["target"]])
        if path not in desired.paths and each["unit"] not in names and (is_free or is_same) and _leads(each["target"], observed):
            found[path] = each["target"]
    return found


def _is_our_file(path: str, observed: Observed) -> bool:
    return observed.manifest is not None and observed.path(path).sha256 in observed.manifest.wrote(path)


def _leads(target: str, observed: Observed) -> bool:
    """A package may have gone meanwhile; a file that the stack has set aside comes back in the same run."""
    manifest = observed.manifest
    if manifest is not None and target in manifest.files:
        kept, now = manifest.originals.get(target), observed.path(target)
        is_back = now.kind == "file" and now.sha256 not in manifest.wrote(target)
        return kept == "" or (kept is not None and (is_back or observed.path(kept).kind == "file"))
    return target == MASK or observed.path(target).kind in ("file", "link")


def returning(desired: Desired, observed: Observed) -> tuple[Action, ...]:
    """The links of foreign units that are not as they were."""
    return tuple(
        MakeLink(path, "it is what lay there before the stack", target)
        for path, target in links_that_return(desired, observed).items()
        if not (observed.path(path).kind == "link" and _same(path, observed.path(path).target, [target]))
    )


def starts(desired: Desired, observed: Observed) -> tuple[Action, ...]:
    """Foreign units that ran before a unit of the stack took their place, and have it again. Sockets before their services."""
    manifest = observed.manifest
    if manifest is None or desired.is_partial:
        return ()
    names = {unit.name for unit in desired.units}
    back = [
        name
        for name, each in manifest.hidden.items()
        if each["ran"] and name not in names and _template(name) not in names and _leads(each["path"], observed)
    ]
    return tuple(
        Start(name, "it ran before a unit of the stack took its place")
        for name in sorted(back, key=lambda name: (not name.endswith(".socket"), name))
    )


def paths_of(manifest: Manifest | Mapping[str, Any] | None) -> list[str]:
    """To be observed."""
    if not isinstance(manifest, Manifest):
        return []
    places = [each["path"] for each in manifest.hidden.values()]
    return [*places, *manifest.replaced, *(each["target"] for each in manifest.replaced.values() if each["target"] != MASK)]
