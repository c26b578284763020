# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of units that something else has defined: can it be, and what does it need of the disk?"""

from __future__ import annotations

import posixpath
from typing import Callable, Collection

from .._declaration.problems import Problems
from .._desired import enablement
from .._desired.desired import Desired, Unit
from .._desired.unit_file_state import ABSENT
from .._unitfile.suggest import did_you_mean
from .actions import Action, Disable, Enable, Remove, RemoveDirectory
from .observed import Observed
from .removal import putting_back

MASK = "/dev/null"
_NOT_THERE = "there is no such unit on the host"
_ONLY_A_SCRIPT = "there is no such unit on the host, only a script in /etc/init.d, and systemd takes none since version 260"


def check_asked(
    desired: Desired, observed: Observed, only_looks: bool, known: Callable[[], Collection[str]], problems: Problems
) -> list[str]:
    """Returns warnings. only_looks: an earlier task of the play may yet bring what is missing. known: names of all units."""
    warnings: list[str] = []
    for unit in desired.units:
        if unit.is_companion:
            continue
        if _is_missing(unit, observed):
            warnings += _missing(unit, only_looks, known, problems)
        else:
            _check_state(unit, observed, problems)
            _check_enabling(unit, desired, observed, problems)
        _check_mask(unit, desired, observed, problems)
        warnings += _without_manager(unit, desired, problems)
    return warnings


def _is_missing(unit: Unit, observed: Observed) -> bool:
    """Neither the disk nor systemd, which makes some units itself, has it."""
    return unit.installed in ABSENT and observed.unit(unit.name).load == "not-found" and not observed.unit(unit.name).is_up


def may_come(desired: Desired, observed: Observed) -> bool:
    """Is there a unit that is asked for, and that a daemon-reload may yet bring? One is asked for, or generators make such."""
    if not desired.is_partial or not observed.manager_runs:
        return False
    asks = desired.how.daemon_reload or desired.how.daemon_reexec
    missing = [unit for unit in desired.units if not unit.is_companion and not unit.is_template and _is_missing(unit, observed)]
    return any(asks or (unit.wants_to_run and unit.name.endswith(_GENERATED)) for unit in missing)


# Of these there are seldom any but those that are made of /etc/fstab.
_GENERATED = (".mount", ".automount", ".swap")


def _missing(unit: Unit, only_looks: bool, known: Callable[[], Collection[str]], problems: Problems) -> list[str]:
    """What is not there neither runs nor is enabled: to want it so is no mistake, but its name may be one."""
    if unit.masked or (unit.is_left_alone and unit.enabled is None):
        return []
    guess = "" if unit.installed == "script" else did_you_mean(unit.name, known())
    hint = f" Did you mean {guess}?" if guess else ""
    problem = _ONLY_A_SCRIPT if unit.installed == "script" else _NOT_THERE
    if not (unit.wants_to_run or unit.enabled):
        return [f"{unit.name}: {problem}, so there was nothing to do.{hint}"]
    if only_looks:
        return [f"{unit.name}: {problem}. Without check mode this fails, unless an earlier task of the play brings it.{hint}"]
    problems.add(unit.place, unit.name, problem, hint.strip() or "Install what brings it, or give its content or sections.")
    return []


def _check_state(unit: Unit, observed: Observed, problems: Problems) -> None:
    state = observed.unit(unit.name)
    place = f"{unit.place}.state"
    if unit.wants_to_run and state.load in ("error", "bad-setting") and not state.needs_reload:
        problem = f"systemd cannot load it ({state.load})"
        problems.add(place, unit.state, problem, f"See systemctl status {unit.name}, and systemd-analyze verify.")
    if unit.state == "reloaded" and state.is_up and not state.can_reload and not unit.masked:
        problems.add(place, unit.state, f"{unit.name} cannot be reloaded", "Choose reload-or-restarted or restarted.")
    if unit.state.startswith("try-") and state.is_up and state.load == "masked" and unit.masked is None:
        problems.add(place, unit.state, "it is masked and cannot be started again", "Say masked: false to unmask it.")


def _check_enabling(unit: Unit, desired: Desired, observed: Observed, problems: Problems) -> None:
    place = f"{unit.place}.enabled"
    if unit.enabled and unit.masked is None and is_masked(unit, desired, observed):
        problems.add(place, True, f"{unit.name} is masked", "Say masked: false to unmask it.")
    if unit.enabled and unit.installed in ABSENT:
        problems.add(place, True, f"{unit.name} has no unit file", "Give its content or sections.")
    for link in unit.links if not desired.how.force else ():
        is_alias = posixpath.dirname(link.path) == desired.scope.unit_directory and link.target != MASK
        state = observed.path(link.path)
        if (
            is_alias
            and state.kind == "link"
            and enablement.plain(_absolute(link.path, state.target)) != enablement.plain(link.target)
        ):
            problem = f"{link.path} is a link to {state.target}, and {link.reason}"
            problems.add(place, True, problem, "Say force: true to replace that link.")


def _check_mask(unit: Unit, desired: Desired, observed: Observed, problems: Problems) -> None:
    path = desired.scope.path_of(unit.name)
    state = observed.path(path)
    if unit.masked and state.kind == "link" and state.target != MASK:
        problem = f"the link to {state.target} that makes it known lies where the mask is to be"
        target = posixpath.basename(state.target)
        remedy = f"Mask {target}, or remove the link." if target != unit.name else "Remove that link first."
        problems.add(f"{unit.place}.masked", True, problem, remedy)


def _without_manager(unit: Unit, desired: Desired, problems: Problems) -> list[str]:
    """Nothing can be started in an image, a chroot, or for all users."""
    if desired.scope.has_manager or not unit.state:
        return []
    if desired.scope.kind == "global":
        problem = "units for all users are run by the manager of each of them"
        problems.add(f"{unit.place}.state", unit.state, problem, "Take state away, or say scope: user.")
        return []
    if unit.state == "stopped":  # nothing runs there
        return []
    return [f"systemd does not run here, so {unit.name} is not {unit.state}; only what is enabled and masked was looked at."]


def is_masked(unit: Unit, desired: Desired, observed: Observed) -> bool:
    return observed.unit(unit.name).load == "masked" or any(
        observed.path(f"{directory}/{unit.name}").target == MASK for directory in desired.scope.link_directories
    )


def _absolute(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


# Actions


def link_actions(desired: Desired, observed: Observed) -> list[Action]:
    """Links and masks that go, and what only systemctl itself can enable."""
    gone = [*_disabling(desired, observed), *_unmasking(desired, observed)]
    return [*gone, *_by_systemctl(desired, observed)]


def emptied(removed: Collection[str], observed: Observed) -> list[Action]:
    """The folders of links in which none is left, as systemctl removes them."""
    folders = {
        posixpath.dirname(path) for path in removed if posixpath.dirname(path).endswith((".wants", ".requires", ".upholds"))
    }
    left = {posixpath.dirname(path) for path in observed.links if path not in removed}
    return [RemoveDirectory(folder, "no link is left in it") for folder in sorted(folders - left)]


def _disabling(desired: Desired, observed: Observed) -> list[Action]:
    found: dict[str, Action] = {}
    for unit in desired.units:
        if unit.enabled is False:
            for path in enabling_links(unit, desired, observed):
                found[path] = Remove(path, f"{unit.name} is not to be enabled")
    return list(found.values())


def enabling_links(unit: Unit, desired: Desired, observed: Observed) -> list[str]:
    """All that enable it, whoever has made them; those of a template are those of its instances."""
    return [
        path
        for path, target in observed.links.items()
        for directory in desired.scope.link_directories
        if path.startswith(f"{directory}/") and _is_enabling(path, target, unit, directory)
    ]


def _is_enabling(path: str, target: str, unit: Unit, directory: str) -> bool:
    name = posixpath.basename(path)
    prefix, _at, suffix = unit.name.partition("@.")
    is_of_instance = unit.is_template and name.startswith(f"{prefix}@") and name.endswith(f".{suffix}")
    if is_of_instance and posixpath.dirname(path) != directory:
        return True
    return enablement.is_enabling(path, target, unit.name, unit.path, directory) and target != MASK


def _unmasking(desired: Desired, observed: Observed) -> list[Action]:
    """A file that a mask has set aside comes back, even if a person has removed the mask since.

    Where it is back, but a run was killed before the copy was removed, only that is left to do.
    """
    found: list[Action] = []
    for unit in desired.units:
        if unit.masked is not False:
            continue
        for directory in desired.scope.link_directories:
            path = f"{directory}/{unit.name}"
            state = observed.path(path)
            kept = observed.manifest.originals.get(path, "") if observed.manifest else ""
            if state.target == MASK or (state.kind == "missing" and observed.path(kept).kind == "file"):
                found.append(putting_back(path, f"{unit.name} is not to be masked", observed))
            elif state.kind == "file" and state.sha256 == observed.path(kept).sha256:
                found.append(Remove(kept, f"{path} is in its place"))
    return found


def _by_systemctl(desired: Desired, observed: Observed) -> list[Action]:
    found: list[Action] = []
    for unit in desired.units:
        is_enabled = unit.name in observed.sysv_enabled
        if unit.installed == "sysv" and unit.enabled is not None and unit.enabled != is_enabled:
            kind = Enable if unit.enabled else Disable
            found.append(kind(unit.name, "its script of SysV init is not linked so"))
        elif unit.enabled and _is_missing(unit, observed):  # in check mode alone
            found.append(Enable(unit.name, "is not there yet; what it is enabled for shows when it is"))
    return found
